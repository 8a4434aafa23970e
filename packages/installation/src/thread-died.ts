/** A thread of this process is gone without a word: what it had not stored is as after the end of a process. */
export class ThreadDied extends Error {
  readonly code = "THREAD_DIED";
}

/** A processor thread is gone without a word: what its tasks had not committed is taken up by whoever owns their partitions next. */
export class ThreadDied extends Error {
  readonly code = "THREAD_DIED";
}

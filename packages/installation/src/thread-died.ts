/** A thread of this process is gone without a word: what it had not stored is as after the end of a process. */
export class ThreadDied extends Error {
  readonly code = "THREAD_DIED";

  /**
   * Of what its worker gave with `error`: what nobody in it caught, or that it has no memory left.
   * @param thread as people name it; the cause's own message is not told, since it may quote a record
   */
  static of(thread: string, cause: unknown): ThreadDied {
    const isOutOfMemory = cause instanceof Error && "code" in cause && cause.code === "ERR_WORKER_OUT_OF_MEMORY";
    const how = isOutOfMemory ? "has run out of memory" : "has died of an error that nobody caught";
    return new ThreadDied(`${thread} ${how}`, { cause });
  }

  /** It has ended though nobody had asked it to. */
  static byItself(thread: string, exitCode: number): ThreadDied {
    return new ThreadDied(`${thread} has ended by itself with exit code ${exitCode}`);
  }
}

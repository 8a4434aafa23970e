/**
 * Everything the runtime knows of time. Passed in, so that a seeded scheduler can run the same code:
 * the runtime itself reads no clock, draws no random number and sets no timer.
 */
export interface Clock {
  /** The wall clock that the log stamps append times with (scaled in demos), ms since the epoch. */
  now(): number;
  /** A clock that never jumps, ms since some origin, with fractions; unscaled. It may stand still while the machine is suspended. */
  monotonic(): number;
  /**
   * How long {@link monotonic} has stood still since some origin while `now()` went on, unscaled ms, to a fraction of a second: the machine
   * was suspended. To be asked seldom: it costs a call of the system. Left out: never.
   */
  asleep?(): number;
  /** Resolves after `ms` unscaled milliseconds, or earlier when the signal aborts. Never rejects. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** Gives way to other work (queries, other partitions) and returns as soon as possible. */
  yield(): Promise<void>;
}

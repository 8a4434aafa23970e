/** The bounds of a task. Beyond a bound it waits or splits; it never drops. */
export interface TaskLimits {
  /** Records of one turn. */
  readonly turnRecordsMax: number;
  /**
   * Keys that records of one turn have: the states and scores that are held until it is committed. So many events of few
   * customers go into a turn, which scores each once, and no more of many than there is memory for.
   */
  readonly turnKeysMax: number;
  /** Keys and values of the records of one turn. */
  readonly turnBytesMax: number;
  /** Keys whose timers fire in one turn. */
  readonly turnTimersMax: number;
  /** How far a turn goes beyond the first timer that fires in it, ms of the log's clock: a key fires so often at the most, R6. */
  readonly turnTimerSpanMs: number;
  /** Keys of a sweep that are scored again in one turn; a turn with a backlog takes fewer (R8). */
  readonly sweepKeysMax: number;
  /** Keys of a sweep kept in memory; the others stay in the store until their turn comes. */
  readonly sweepKeysLoadedMax: number;
  /** Least time between the starts of two turns, so that the second has more to take; not behind a TICK, where that waits already. Unscaled ms. */
  readonly turnIntervalMs: number;
  /** Longest stretch without giving way to other work, ms. */
  readonly sliceMsMax: number;
  /** Per input: above either, the input is not fetched. The last fetch before that may bring {@link fetchBytesMax} more, or as many records again. */
  readonly bufferRecordsMax: number;
  /** As {@link bufferRecordsMax}, where the last turn left records there: two turns like that are enough, but no fewer records than this. Nor more, where the input was read further than another. */
  readonly bufferRecordsMin: number;
  readonly bufferBytesMax: number;
  /** Per input and fetch. */
  readonly fetchBytesMax: number;
  /** How long a fetch waits where nothing is to be had; also how late a timer of an idle partition may fire. */
  readonly fetchWaitMs: number;
  /** The store is written when this many states differ from it, or after {@link flushIntervalMs}. */
  readonly flushEntries: number;
  readonly flushIntervalMs: number;
  /**
   * Above this many, turns wait for the store. So does a restore: an owner that was killed has mostly left less, which can be stored once
   * the next one is at work.
   */
  readonly dirtyEntriesMax: number;
  /** States kept in memory, those not stored yet included: these are kept however many they are. */
  readonly cachedEntriesMax: number;
  /** As {@link cachedEntriesMax}, of a partition with many times as many states: see `entriesKept`. */
  readonly cachedEntriesMin: number;
  /** Timers kept in memory; the others stay in the store until they are near. */
  readonly timersLoadedMax: number;
  /** After a large store was opened, how long until it is scrubbed (R17), unscaled ms: until then a start has more urgent things to do. */
  readonly scrubDelayMs: number;
  /** Wait after a failure, doubling up to the second. */
  readonly backoffMsMin: number;
  readonly backoffMsMax: number;
  /** How far a tick may run ahead of the newest append time seen (R3), unscaled ms. */
  readonly clockLeadMsMax: number;
  /** R18: half of the log's delete retention, ms. */
  readonly checkpointStaleMsMax: number;
}

export const TASK_LIMITS: TaskLimits = {
  turnRecordsMax: 64_000,
  turnKeysMax: 40_000,
  turnBytesMax: 10_000_000,
  turnTimersMax: 2_000,
  turnTimerSpanMs: 86_400_000,
  sweepKeysMax: 200,
  sweepKeysLoadedMax: 2_000,
  turnIntervalMs: 20,
  sliceMsMax: 2,
  bufferRecordsMax: 64_000,
  bufferRecordsMin: 8_000,
  bufferBytesMax: 10_000_000,
  fetchBytesMax: 256_000,
  fetchWaitMs: 100,
  flushEntries: 4_000,
  flushIntervalMs: 5_000,
  dirtyEntriesMax: 8_000,
  cachedEntriesMax: 16_000,
  cachedEntriesMin: 4_000,
  timersLoadedMax: 10_000,
  scrubDelayMs: 10_000,
  backoffMsMin: 50,
  backoffMsMax: 5_000,
  clockLeadMsMax: 60_000,
  checkpointStaleMsMax: 12 * 3_600_000,
};

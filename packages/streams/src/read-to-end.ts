import { assert } from "./errors.ts";
import type { EventLog, Slice, TopicPartition } from "./event-log.ts";

/**
 * What a partition holds from an offset on, or from its first record where that is later, up to the end that it has when this begins; the
 * last slice may go beyond. A log that has nothing to give for a moment, as a broker that has just become a leader, is asked again: what is
 * not read counts as not there.
 * @throws what `offsets` and `fetch` throw; the signal's reason
 */
export async function* readToEnd(
  log: Pick<EventLog, "offsets" | "fetch">,
  { topic, partition }: TopicPartition,
  { from = 0, bytesMax, signal }: ReadOptions,
): AsyncGenerator<Slice, void, undefined> {
  const { start, end } = await log.offsets(topic, partition);
  let waitMsMax = 0;
  for (let offset = Math.max(from, start); offset < end;) {
    signal.throwIfAborted();
    const options = { bytesMaxPerPartition: bytesMax, waitMsMax, signal };
    const [slice] = await log.fetch([{ topic, partition, offset }], options);
    assert(slice !== undefined, "a fetch answers every position");
    waitMsMax = slice.offsetNext === offset ? WAIT_MS_MAX : 0;
    offset = slice.offsetNext;
    yield slice;
  }
}

export interface ReadOptions {
  readonly from?: number;
  /** Of one slice. */
  readonly bytesMax: number;
  readonly signal: AbortSignal;
}

/** Before a log that had nothing to give is asked once more, at the most. */
const WAIT_MS_MAX = 100;

import { type Clock, type EventLog, type InTurn, type LogRecord, OffsetOutOfRange } from "@tidemark/streams";
import type { StreamPosition } from "./stream-position.ts";
import type { StreamItem } from "./stream-queue.ts";
import { readItem, type StreamSource } from "./topic-tail.ts";

export interface NewestItemsOptions {
  readonly log: EventLog;
  readonly clock: Clock;
  readonly source: StreamSource;
  /** Where to look back from. */
  readonly ends: StreamPosition;
  readonly countMax: number;
  readonly wants: (item: StreamItem) => boolean;
  /** Runs one read of the log at a time, over all who look back. */
  readonly inTurn: InTurn;
  readonly signal: AbortSignal;
}

/**
 * The newest items over all partitions, oldest first; where newer records of a key take the place of older ones, one
 * a key. How far back it looks is bounded: what a partition has before that is left out.
 *
 *  N1 Of each partition the items are all that are wanted from the oldest of them on, so that a place in the stream
 *     tells what was handed over and what was not.
 *  N2 A key that was deleted since, an erased customer's, has no item, though the log still holds older ones.
 *
 * @throws LogUnavailable, RegistryUnavailable
 */
export async function newestItems(options: NewestItemsOptions): Promise<StreamItem[]> {
  const { ends, countMax } = options;
  let newest: Dated[] = [];
  for (const partition of ends.keys()) {
    const last = newest.length < countMax ? undefined : newest.at(-1);
    const found: Dated[] = [];
    for await (const dated of itemsBackwards(options, partition)) {
      if (found.length === countMax || (last !== undefined && dated.at <= last.at)) break;
      found.push(dated);
    }
    // The sort is stable, so that each partition's items stay in order: N1.
    newest = [...newest, ...found].toSorted((one, other) => other.at - one.at).slice(0, countMax);
  }
  return newest.map(({ item }) => item).toReversed();
}

interface Dated {
  readonly item: StreamItem;
  /** When it was appended, ms since the epoch; not later than the items after it in its partition. */
  readonly at: number;
}

async function* itemsBackwards(options: NewestItemsOptions, partition: number): AsyncGenerator<Dated, void> {
  const { source, wants } = options;
  const newer = new Set<string>();
  let at = Number.POSITIVE_INFINITY;
  for await (const record of recordsBackwards(options, partition)) {
    // After a leader change times may fall.
    at = Math.min(at, record.appendedAt);
    if (source.coalesces && record.key !== null) {
      const key = Buffer.from(record.key).toString("latin1");
      if (newer.has(key)) continue;
      newer.add(key); // N2
    }
    const item = await readItem(source, partition, record);
    if (item !== null && wants(item)) yield { item, at };
  }
}

/** As the tail reads: queries wait no longer for it. */
const BYTES_MAX = 32 * 1024;
/** Of one partition: no more than half a megabyte is read, whatever lies there. */
const FETCHES_MAX = 16;
/** Offsets looked at first; many hold nothing where compaction took records out, or where transactions end. */
const SPAN_MIN = 16;
/** Each look reaches so much further than the one before, so that a gap of millions takes a few. */
const SPAN_GROWTH = 8;

/** The records before the end, newest first. The log reads forwards only, hence in pieces, each before the last. */
async function* recordsBackwards(
  { log, clock, source: { topic }, ends, inTurn, signal }: NewestItemsOptions,
  partition: number,
): AsyncGenerator<LogRecord, void> {
  const { start } = await log.offsets(topic, partition);
  const options = { bytesMaxPerPartition: BYTES_MAX, waitMsMax: 0, signal };
  let fetchesLeft = FETCHES_MAX;
  let until = ends[partition] ?? 0;
  for (let span = SPAN_MIN; until > start; span *= SPAN_GROWTH) {
    const from = Math.max(start, until - span);
    const piece: (readonly LogRecord[])[] = [];
    for (let offset = from; offset < until;) {
      if (fetchesLeft-- === 0 || signal.aborted) return;
      const position = { topic, partition, offset };
      const slices = await inTurn(() => log.fetch([position], options)).catch(nothingIfGone);
      const [slice] = slices;
      if (slice === undefined) return;
      piece.push(slice.records.filter((record) => record.offset < until));
      offset = slice.offsetNext;
    }
    for (const records of piece.toReversed()) {
      yield* records.toReversed();
      await clock.yield();
    }
    until = from;
  }
}

/** Retention has overtaken the look back: that was all there is. */
function nothingIfGone(error: unknown): [] {
  if (error instanceof OffsetOutOfRange) return [];
  throw error;
}

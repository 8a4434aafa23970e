import {
  assert,
  BATCH_BYTES_MAX,
  type Appended,
  contentBytes,
  type PartitionBatch,
  type RecordToAppend,
} from "@tidemark/streams";
import { cutForBroker } from "./cut-for-broker.ts";
import { placeOf } from "./place.ts";

/** Records that go to one partition as one batch of the broker's. */
export interface Run {
  readonly topic: string;
  readonly partition: number;
  readonly records: readonly RecordToAppend[];
}

/** What became of a run. */
export interface Landed {
  readonly baseOffset: number;
  /** ms since the epoch, by the clock of the broker that leads the partition. */
  readonly appendedAt: number;
}

/**
 * The batches of one or several calls, put together by partition and cut anew for the broker. A request takes one
 * batch for each partition, so what is more than that makes another round.
 */
export interface Outgoing {
  readonly rounds: readonly (readonly Run[])[];
  /** For each batch of the calls, in their order, the run in which it begins and how many records of the run come before it. */
  readonly begins: readonly { readonly run: Run; readonly before: number }[];
}

/**
 * Batches are the caller's to keep within bounds: a record from outside that is too large was to be refused before.
 * @throws InvariantBroken
 */
export function checkBatches(batches: readonly PartitionBatch[]): void {
  assert(batches.length > 0, "an append has batches");
  for (const { records } of batches) {
    assert(records.length > 0, "a batch has records");
    assert(contentBytesOfAll(records) <= BATCH_BYTES_MAX, "keys and values of a batch have at most 900,000 bytes");
  }
}

/** Of keys and values. */
export function contentBytesOfAll(records: readonly RecordToAppend[]): number {
  let bytes = 0;
  for (const record of records) bytes += contentBytes(record);
  return bytes;
}

/** In each partition the records keep the order of the batches. */
export function planOutgoing(batches: readonly PartitionBatch[]): Outgoing {
  const places = new Map<string, Draft[]>();
  const begins = batches.map(({ topic, partition, records }) => {
    const key = placeOf({ topic, partition });
    const drafts = places.get(key) ?? [];
    places.set(key, drafts);
    let begin: { readonly run: Run; readonly before: number } | null = null;
    for (const cut of cutForBroker(records)) {
      const bytes = contentBytesOfAll(cut);
      let draft = drafts.at(-1);
      if (draft === undefined || !hasRoom(draft, cut.length, bytes)) {
        draft = { topic, partition, records: [], bytes: 0 };
        drafts.push(draft);
      }
      begin ??= { run: draft, before: draft.records.length };
      for (const record of cut) draft.records.push(record);
      draft.bytes += bytes;
    }
    assert(begin !== null, "every batch begins in a run");
    return begin;
  });
  const rounds: Run[][] = [];
  for (const drafts of places.values()) {
    for (const [round, draft] of drafts.entries()) (rounds[round] ??= []).push(draft);
  }
  return { rounds, begins };
}

/** What the port answers, once every run has landed. */
export function appendedOf({ begins }: Outgoing, landed: ReadonlyMap<Run, Landed>): Appended {
  let appendedAt = Number.NEGATIVE_INFINITY;
  for (const each of landed.values()) appendedAt = Math.max(appendedAt, each.appendedAt);
  const offsetsBase = begins.map(({ run, before }) => {
    const place = landed.get(run);
    assert(place !== undefined, "every run has landed");
    return place.baseOffset + before;
  });
  return { appendedAt, offsetsBase };
}

interface Draft extends Run {
  readonly records: RecordToAppend[];
  bytes: number;
}

/** A run that one batch fills alone may be larger. With this many records their framing fits Kafka's bound too. */
const JOINED_BYTES_MAX = 450_000;
const JOINED_RECORDS_MAX = 10_000;

function hasRoom(draft: Draft, records: number, bytes: number): boolean {
  return draft.bytes + bytes <= JOINED_BYTES_MAX && draft.records.length + records <= JOINED_RECORDS_MAX;
}

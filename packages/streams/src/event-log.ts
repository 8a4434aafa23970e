import { keyBytes, type RecordKey } from "./record-key.ts";

/**
 * The port to the log: the truth of the system. `packages/log-embedded` keeps it on one disk; an
 * Apache Kafka adapter keeps the same contract, and `test/conformance` holds every one to it.
 *
 * Numbered promises of an EventLog (the conformance suite tests each):
 *  L1 An append or commit is atomic over all its topics and partitions, in order within a partition.
 *  L2 What `append` or `commit` resolved for is durable: it survives kill -9 and power loss.
 *  L3 Offsets of a partition rise by at least 1, and by 1 within a batch; append times of a partition never fall,
 *     unless the clock that gives them is set back, which a log of several brokers cannot exclude (the next leader's is behind).
 *  L4 Readers see only committed records, and each exactly once while positions move forward. A record may take a
 *     moment from being answered to being seen; `offsets` waits for it.
 *  L5 Opening a writer fences every earlier writer of that id: once `openWriter` resolved, no commit
 *     of an earlier one becomes visible that was not visible already.
 *  L6 After `Slice.completeTo` = t, no record of that partition ever appears with append time < t at
 *     an offset ≥ `Slice.offsetNext`.
 *     (Where a leader stamps a batch a moment before it appends it, all but for that moment, which the adapter estimates: a record
 *     that comes later still is merged after what was taken; the journal says what each turn took, so turns stay repeatable.)
 *  L7 Reading before the first retained offset, or past the end, is `OffsetOutOfRange`, never a jump.
 */

/** One record as it lies in the log. */
export interface LogRecord {
  readonly offset: number;
  /** Append time, ms since the epoch, given by the log (LogAppendTime). */
  readonly appendedAt: number;
  readonly key: Uint8Array | null;
  /** null is a tombstone. */
  readonly value: Uint8Array | null;
  /** Of key and value. */
  readonly bytes: number;
}

export interface RecordToAppend {
  readonly key: RecordKey;
  readonly value: Uint8Array | null;
}

/** Records for one partition of one topic; a batch is at most {@link BATCH_BYTES_MAX} of keys and values. */
export interface PartitionBatch {
  readonly topic: string;
  readonly partition: number;
  readonly records: readonly RecordToAppend[];
}

/** Bound of one batch, so that the same batch fits Kafka's default message.max.bytes. */
export const BATCH_BYTES_MAX = 900_000;

/** What a record counts by that bound: its key and its value. */
export function contentBytes({ key, value }: RecordToAppend): number {
  return keyBytes(key) + (value?.length ?? 0);
}

export interface Appended {
  /** The greatest append time given to a record of the call, ms since the epoch. */
  readonly appendedAt: number;
  /** Offset of the first record of each batch, in the order of the call. */
  readonly offsetsBase: readonly number[];
}

export interface AppendOptions {
  /** The records' append time will be greater than this, so that they come after in the merge. */
  readonly after?: number;
}

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

export interface Position extends TopicPartition {
  /** Offset of the next record wanted. */
  readonly offset: number;
}

/** What one fetch saw of one position; `records` may be empty, and that too is information (L6). */
export interface Slice {
  readonly topic: string;
  readonly partition: number;
  readonly records: readonly LogRecord[];
  /** Where the next fetch continues; > last record's offset + 1 where compaction left a gap. */
  readonly offsetNext: number;
  /** Where the visible records ended when the fetch was served: at the earliest one past the newest of them. */
  readonly offsetEnd: number;
  /** L6. Where the end was not reached: the append time of the last record returned. */
  readonly completeTo: number;
}

export interface FetchOptions {
  /** Bound on the keys and values returned for each position; at least one record is always returned. */
  readonly bytesMaxPerPartition: number;
  /** How long to wait while there is nothing for any position, ms; 0 = answer at once. */
  readonly waitMsMax: number;
  readonly signal: AbortSignal;
}

export type TopicPolicy =
  | { readonly cleanup: "delete"; readonly retentionMs: number }
  | { readonly cleanup: "compact"; readonly compactionLagMsMax: number };

export interface TopicSpec {
  readonly name: string;
  readonly partitions: number;
  readonly policy: TopicPolicy;
}

export interface OffsetRange {
  /** Offset of the first record still kept. */
  readonly start: number;
  /** Where the visible records end: at the earliest one past the newest of them. */
  readonly end: number;
}

export interface EventLog {
  /** Creates what is missing. @throws TopicMismatch if a topic exists with another partition count. */
  createTopics(specs: readonly TopicSpec[]): Promise<void>;
  topics(): Promise<readonly TopicSpec[]>;
  /** What was answered before the call lies before the end, unless a transaction that another writer left open is in between. @throws TopicMismatch, LogUnavailable */
  offsets(topic: string, partition: number): Promise<OffsetRange>;
  /** One slice a position, in order. Resolves as soon as any has records or passes over a gap, or after the wait. @throws OffsetOutOfRange, LogUnavailable, TopicMismatch */
  fetch(positions: readonly Position[], options: FetchOptions): Promise<readonly Slice[]>;
  /** For producers that own no partition (gateway, importer). @throws LogUnavailable: nothing is known to be stored. */
  append(batches: readonly PartitionBatch[], options?: AppendOptions): Promise<Appended>;
  /**
   * Takes over writer `id` (a transactional.id): L5.
   * @param places all that writers of this id write to: what brokers have left undone there is done before it resolves
   * @throws LogUnavailable
   */
  openWriter(id: string, places?: readonly TopicPartition[]): Promise<LogWriter>;
  close(): Promise<void>;
}

/** The one writer of a partition's outputs. After any throw it is of no further use: close it and open another. */
export interface LogWriter {
  /** All or nothing, L1. @throws TaskFenced, CommitUnknown (applied or not, not known), LogUnavailable (not applied) */
  commit(batches: readonly PartitionBatch[]): Promise<Appended>;
  close(): Promise<void>;
}

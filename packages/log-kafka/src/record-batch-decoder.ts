import type { LogRecord } from "@tidemark/streams";

/** A record batch in the record set of a fetch, its checksum verified, its records not decoded yet. */
export interface RecordBatch {
  readonly baseOffset: number;
  readonly lastOffset: number;
  readonly producerId: bigint;
  readonly transactional: boolean;
  /** What a control batch says: its records are no data. null: a batch of data. */
  readonly control: "abort" | "commit" | "other" | null;
  /** Where the next batch begins in the record set. */
  readonly end: number;
}

/**
 * The batch at `position` of a record set.
 * @returns null where only a part of it is there
 * @throws LogCorrupted, BatchRefused
 */
export function readBatch(_recordSet: Buffer, _position: number): RecordBatch | null {
  throw new Error("not written yet");
}

/** @throws LogCorrupted, BatchRefused */
export function decodeRecords(_batch: RecordBatch): Promise<readonly LogRecord[]> {
  throw new Error("not written yet");
}

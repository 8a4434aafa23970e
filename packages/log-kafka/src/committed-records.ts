import type { LogRecord, Position } from "@tidemark/streams";
import type { FetchedPartition } from "./fetch-request.ts";

export interface CommittedRecords {
  readonly records: readonly LogRecord[];
  /** Where the next fetch continues: past control batches, records of aborted transactions, and gaps of compaction. */
  readonly offsetNext: number;
}

/**
 * The committed records of an answer, from the position's offset on.
 * @param bytesMax bound on keys and values; the first record is returned whatever its size
 * @throws LogCorrupted, BatchRefused
 */
export function committedRecords(
  _position: Position,
  _fetched: Pick<FetchedPartition, "recordSet" | "abortedTransactions">,
  _bytesMax: number,
): Promise<CommittedRecords> {
  throw new Error("not written yet");
}

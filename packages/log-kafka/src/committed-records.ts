import { LogCorrupted, type LogRecord, type Position } from "@tidemark/streams";
import type { AbortedTransaction, FetchedPartition } from "./fetch-request.ts";
import { decodeRecords, readBatch, type RecordBatch } from "./record-batch-decoder.ts";

export interface CommittedRecords {
  readonly records: readonly LogRecord[];
  /** Where the next fetch continues: past control batches, records of aborted transactions, and gaps of compaction. */
  readonly offsetNext: number;
}

/**
 * The committed records of an answer, from the position's offset on. The broker answers up to the last stable offset,
 * so every transaction in the record set has ended, and it names those that were aborted.
 * @param bytesMax bound on keys and values; the first record is returned whatever its size
 * @throws LogCorrupted, BatchRefused
 */
export async function committedRecords(
  { topic, partition, offset }: Position,
  { recordSet, abortedTransactions }: Pick<FetchedPartition, "recordSet" | "abortedTransactions">,
  bytesMax: number,
): Promise<CommittedRecords> {
  const place = `${topic}/${partition}`;
  const aborted = new AbortedTransactions(abortedTransactions);
  const records: LogRecord[] = [];
  let bytes = 0;
  let offsetNext = offset;
  let offsetAfter = 0;
  for (let position = 0; position < recordSet.length && bytes < bytesMax;) {
    const batch = readBatch(recordSet, position, place);
    if (batch === null) {
      // The bound on an answer may cut off any batch but the first (KIP-74): without that one nobody gets on.
      if (position === 0) throw new LogCorrupted(`${place} at offset ${offset}: the first batch is not whole`);
      break;
    }
    if (batch.baseOffset < offsetAfter) throw new LogCorrupted(`${batch.place}: a batch comes after a later one`);
    offsetAfter = batch.lastOffset + 1;
    position += batch.bytes.length;
    if (aborted.show(batch)) {
      for (const record of await decodeRecords(batch)) {
        if (record.offset < offset) continue;
        if (records.length > 0 && bytes + record.bytes > bytesMax) return { records, offsetNext: record.offset };
        records.push(record);
        bytes += record.bytes;
      }
    }
    offsetNext = Math.max(offsetNext, offsetAfter);
  }
  return { records, offsetNext };
}

/** Which of the producers are, at the batch last looked at, in a transaction that will be aborted. */
class AbortedTransactions {
  /** By first offset: the broker promises no order. */
  readonly #ahead: readonly AbortedTransaction[];
  #next = 0;
  readonly #open = new Set<bigint>();

  constructor(transactions: readonly AbortedTransaction[]) {
    this.#ahead = [...transactions].sort((one, other) => one.offsetFirst - other.offsetFirst);
  }

  /** Whether the records of the batch are committed data. Batches come in the order of their offsets. */
  show(batch: RecordBatch): boolean {
    for (let next = this.#ahead[this.#next]; next !== undefined && next.offsetFirst <= batch.lastOffset;) {
      this.#open.add(next.producerId);
      next = this.#ahead[++this.#next];
    }
    // Only the control bit makes a marker: data may have any key.
    if (batch.control === "abort") this.#open.delete(batch.producerId);
    return batch.control === null && !(batch.transactional && this.#open.has(batch.producerId));
  }
}

import {
  BATCH_BYTES_MAX,
  contentBytes,
  partitionOf,
  type PartitionBatch,
  type RecordToAppend,
} from "@tidemark/streams";

/** Gathers records for one append: by topic and partition, each batch within the log's bound. */
export class BatchBuilder {
  readonly #partitions: number;
  readonly #open = new Map<string, OpenBatch[]>();
  readonly #full: OpenBatch[] = [];

  /** @param partitions of every topic keyed by customer */
  constructor(partitions: number) {
    this.#partitions = partitions;
  }

  /** Puts a record into the partition of its key. */
  add(topic: string, key: string, value: Uint8Array): void {
    const bytes = Buffer.from(key);
    this.addTo(topic, partitionOf(bytes, this.#partitions), { key: bytes, value });
  }

  addTo(topic: string, partition: number, record: RecordToAppend): void {
    let batches = this.#open.get(topic);
    if (batches === undefined) {
      batches = [];
      this.#open.set(topic, batches);
    }
    const bytes = contentBytes(record);
    let batch = batches[partition];
    if (batch === undefined || batch.bytes + bytes > BATCH_BYTES_MAX) {
      if (batch !== undefined) this.#full.push(batch);
      batch = { topic, partition, records: [], bytes: 0 };
      batches[partition] = batch;
    }
    batch.records.push(record);
    batch.bytes += bytes;
  }

  /** In the order added within each partition. */
  build(): readonly PartitionBatch[] {
    const open = [...this.#open.values()].flatMap((batches) => batches.filter((batch) => batch !== undefined));
    return [...this.#full, ...open];
  }
}

interface OpenBatch {
  readonly topic: string;
  readonly partition: number;
  readonly records: RecordToAppend[];
  bytes: number;
}

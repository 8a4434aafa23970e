import type { TopicPartition } from "./small-requests.ts";

/** What the reader remembers of a partition, for what it tells later must not fall behind it. */
export interface PartitionSeen {
  /** One past the newest visible record, as far as was told. */
  offsetEnd: number;
  /** No record at an offset ≥ `offset` has an append time < `time`. */
  complete: { readonly offset: number; readonly time: number };
}

/** Of every partition that was ever read: as many as there are partitions. */
export class PartitionMemory {
  readonly #seen = new Map<string, PartitionSeen>();

  of({ topic, partition }: TopicPartition): PartitionSeen {
    const key = `${topic}/${partition}`;
    let seen = this.#seen.get(key);
    if (seen === undefined) {
      seen = { offsetEnd: 0, complete: { offset: Number.POSITIVE_INFINITY, time: Number.NEGATIVE_INFINITY } };
      this.#seen.set(key, seen);
    }
    return seen;
  }
}

import { assert } from "@tidemark/streams";
import type { Partition } from "./partition.ts";
import type { StoredBatch } from "./stored-batch.ts";

/**
 * The newest batches of all partitions, oldest dropped first beyond a bound of bytes: whoever follows the end of
 * the log does not read the disk.
 *
 *  T1 The batches kept of a partition follow one another without gaps up to its end.
 */
export class TailCache {
  readonly #bytesMax: number;
  readonly #tails = new Map<Partition, StoredBatch[]>();
  /** Whose oldest batch goes next. */
  #order: Partition[] = [];
  #orderFirst = 0;
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** @returns what has to go for it; that may be the batch itself */
  push(partition: Partition, batch: StoredBatch): readonly StoredBatch[] {
    const tail = this.#tails.get(partition);
    if (tail === undefined) this.#tails.set(partition, [batch]);
    else tail.push(batch);
    this.#order.push(partition);
    this.#bytes += cost(batch);
    const dropped: StoredBatch[] = [];
    while (this.#bytes > this.#bytesMax) dropped.push(this.#drop());
    return dropped;
  }

  /** The batches from the one that holds `offset` to the end; undefined if that one is not here. */
  from(partition: Partition, offset: number): readonly StoredBatch[] | undefined {
    const tail = this.#tails.get(partition);
    const oldest = tail?.[0];
    if (tail === undefined || oldest === undefined || oldest.offsetFirst > offset) return undefined;
    let first = tail.length - 1;
    while (first > 0 && (tail[first] as StoredBatch).offsetFirst > offset) first -= 1;
    return first === 0 ? tail : tail.slice(first);
  }

  #drop(): StoredBatch {
    const partition = this.#order[this.#orderFirst++] as Partition;
    const batch = this.#tails.get(partition)?.shift();
    assert(batch !== undefined, "the order has an entry for each batch");
    this.#bytes -= cost(batch);
    if (this.#orderFirst >= ORDER_SLACK) {
      this.#order = this.#order.slice(this.#orderFirst);
      this.#orderFirst = 0;
    }
    return batch;
  }
}

/** How many entries already used up are carried along before the array is cut. */
const ORDER_SLACK = 1_024;
/** A batch object, its buffer and its entries here, roughly. */
const OBJECT_BYTES = 400;

function cost(batch: StoredBatch): number {
  return batch.bytes.length + OBJECT_BYTES;
}

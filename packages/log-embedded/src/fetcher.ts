import type { Clock, FetchOptions, Position } from "@tidemark/streams";
import type { EncodedSlice } from "./log-core.ts";
import { partitionOf } from "./log-state.ts";
import { requireInRange, type Partition } from "./partition.ts";
import type { PartitionRead, PartitionReader } from "./partition-reader.ts";
import type { Stamps } from "./stamps.ts";
import type { Storage } from "./storage.ts";

/** Answers fetches, and holds those for which there is nothing yet. */
export class Fetcher {
  readonly #storage: Storage;
  readonly #reader: PartitionReader;
  readonly #stamps: Stamps;
  readonly #clock: Clock;

  constructor(storage: Storage, reader: PartitionReader, stamps: Stamps, clock: Clock) {
    this.#storage = storage;
    this.#reader = reader;
    this.#stamps = stamps;
    this.#clock = clock;
  }

  /** @throws OffsetOutOfRange, TopicMismatch, LogUnavailable, LogCorrupted */
  async fetch(positions: readonly Position[], options: FetchOptions): Promise<readonly EncodedSlice[]> {
    const { bytesMaxPerPartition, waitMsMax, signal } = options;
    const deadline = this.#clock.monotonic() + waitMsMax;
    for (let wanted = positions; ;) {
      const slices = await this.#slices(wanted, bytesMaxPerPartition);
      const msLeft = deadline - this.#clock.monotonic();
      if (slices.some(({ cuts }) => cuts.length > 0) || msLeft <= 0 || signal.aborted) return slices;
      await this.#news(slices, msLeft, signal);
      // Where compaction left only a gap, the next look starts behind it.
      wanted = slices.map(({ topic, partition, offsetNext }) => ({ topic, partition, offset: offsetNext }));
    }
  }

  /** The ends and what L6 promises beyond them are of one instant, before anything is awaited. */
  #slices(positions: readonly Position[], bytesMax: number): Promise<EncodedSlice[]> {
    const { state } = this.#storage;
    const promised = this.#stamps.promise();
    const slices = positions.map(async ({ topic, partition: index, offset }) => {
      const partition = partitionOf(state, topic, index);
      requireInRange(partition, offset);
      const { end } = partition;
      const atEnd = { offsetEnd: end, completeTo: partition.pendingAt ?? promised };
      return sliceOf(partition, atEnd, await this.#reader.read(state.tail, partition, { offset, end, bytesMax }));
    });
    return Promise.all(slices);
  }

  /** Returns when one of the partitions has more, or there is no log to ask any more. */
  async #news(seen: readonly EncodedSlice[], msMax: number, signal: AbortSignal): Promise<void> {
    const { state } = this.#storage;
    const partitions = seen.map(({ topic, partition }) => partitionOf(state, topic, partition));
    // While the disk was read, something may have been written that nobody was woken for.
    if (partitions.some((partition, index) => partition.end > (seen[index] as EncodedSlice).offsetNext)) return;
    const waiting = new AbortController();
    const wake = (): void => waiting.abort(NEWS);
    signal.addEventListener("abort", wake);
    for (const partition of partitions) partition.waiting.add(wake);
    await this.#clock.sleep(msMax, waiting.signal);
    for (const partition of partitions) partition.waiting.delete(wake);
    signal.removeEventListener("abort", wake);
  }
}

function sliceOf(
  partition: Partition,
  atEnd: Pick<EncodedSlice, "offsetEnd" | "completeTo">,
  { cuts, offsetNext, appendedTo }: PartitionRead,
): EncodedSlice {
  return {
    topic: partition.topic,
    partition: partition.index,
    cuts,
    offsetNext,
    offsetEnd: atEnd.offsetEnd,
    completeTo: offsetNext < atEnd.offsetEnd && cuts.length > 0 ? appendedTo : atEnd.completeTo,
  };
}

/** Why a wait ends. An abort without a reason makes an error, with its stack, each time, and nobody looks at it. */
const NEWS = "news";

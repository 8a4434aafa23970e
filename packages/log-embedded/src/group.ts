import { BATCH_BYTES_MAX } from "@tidemark/streams";
import type { StoredSegment } from "./closed-segment.ts";
import type { EncodedPart } from "./encoded-part.ts";
import { batchKey } from "./keys.ts";
import type { LevelOperation } from "./level-instance.ts";
import { partitionOf, type LogState } from "./log-state.ts";
import type { Partition } from "./partition.ts";
import { type FramedRecords, joinBatch, type StoredBatch } from "./stored-batch.ts";

/**
 * The calls that are written together, at one append time. The records that several calls have for one partition
 * become one batch, since one value of Level costs about as much as fifty records.
 */
export class Group {
  readonly #state: LogState;
  readonly appendedAt: number;
  readonly #drafts = new Map<Partition, Draft>();

  constructor(state: LogState, appendedAt: number) {
    this.#state = state;
    this.appendedAt = appendedAt;
  }

  /** @returns the offset of the first record of each part; @throws TopicMismatch */
  add(parts: readonly EncodedPart[]): number[] {
    const partitions = parts.map(({ topic, partition }) => partitionOf(this.#state, topic, partition));
    return parts.map((part, index) => this.#addPart(partitions[index] as Partition, part));
  }

  /** Makes batches of what was added; from here on the partitions know that something is on its way to them. */
  operations(): LevelOperation[] {
    const operations: LevelOperation[] = [];
    const segment = this.#state.segment.number;
    for (const draft of this.#drafts.values()) {
      this.#completeBatch(draft);
      const { partition, batches } = draft;
      partition.pendingAt = this.appendedAt;
      const place = { segment, topicId: partition.topicId, partition: partition.index };
      for (const { offsetLast, bytes } of batches) {
        operations.push({ type: "put", key: batchKey(place, offsetLast), value: bytes });
      }
    }
    return operations;
  }

  /** What the segment holds that has nothing but this group. */
  content(): StoredSegment {
    const { appendedAt } = this;
    const drafts = [...this.#drafts.values()];
    return {
      segment: this.#state.segment.number,
      runs: drafts.map(({ partition: { topicId, index }, offsetNext }) => {
        return [topicId, index, offsetNext, appendedAt, appendedAt];
      }),
    };
  }

  /**
   * Makes visible what is now synced, and wakes those who wait for it.
   * @param free given the batches that nobody has read and nobody will, but from the disk
   */
  apply(free: (batch: StoredBatch) => void): void {
    const { segment, tail } = this.#state;
    this.#state.appendedTo = this.appendedAt;
    segment.appendedFrom ??= this.appendedAt;
    const unseen = new Set<StoredBatch>();
    for (const { partition, offsetNext, batches } of this.#drafts.values()) {
      const run = partition.runs.at(-1);
      if (run?.segment === segment.number) {
        run.end = offsetNext;
        run.appendedTo = this.appendedAt;
      } else {
        const { appendedAt } = this;
        partition.runs.push({
          segment: segment.number,
          end: offsetNext,
          appendedFrom: appendedAt,
          appendedTo: appendedAt,
        });
      }
      partition.end = offsetNext;
      partition.pendingAt = null;
      for (const batch of batches) {
        segment.bytes += batch.bytes.length;
        unseen.add(batch);
        for (const dropped of tail.push(partition, batch)) if (unseen.has(dropped)) free(dropped);
      }
      for (const wake of partition.waiting) wake();
    }
  }

  #addPart(partition: Partition, part: EncodedPart): number {
    let draft = this.#drafts.get(partition);
    if (draft === undefined) {
      draft = { partition, batches: [], offsetNext: partition.end, offsetFirst: partition.end, parts: [], bytes: 0 };
      this.#drafts.set(partition, draft);
    }
    if (draft.bytes + part.framed.length > BATCH_BYTES_MAX) this.#completeBatch(draft);
    const offsetBase = draft.offsetNext;
    draft.parts.push(part);
    draft.bytes += part.framed.length;
    draft.offsetNext += part.count;
    return offsetBase;
  }

  #completeBatch(draft: Draft): void {
    if (draft.parts.length === 0) return;
    draft.batches.push(joinBatch(draft.offsetFirst, this.appendedAt, draft.parts));
    draft.offsetFirst = draft.offsetNext;
    draft.parts = [];
    draft.bytes = 0;
  }
}

/** The batches of one partition, and the one that is still being put together. */
interface Draft {
  readonly partition: Partition;
  readonly batches: StoredBatch[];
  offsetNext: number;
  offsetFirst: number;
  parts: FramedRecords[];
  bytes: number;
}

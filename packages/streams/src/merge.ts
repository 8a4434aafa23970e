import type { Refusal } from "./application.ts";
import { assert } from "./errors.ts";
import type { LogRecord } from "./event-log.ts";

/**
 * The one order in which a task takes the records of its inputs: by append time, then by the topic's rank, then
 * by offset (R1, R2). A record is taken only when nothing that could still arrive would come before it: an input
 * with nothing buffered counts as read up to the `completeTo` of its last fetch (R3).
 */
export interface Buffered<Event> {
  /** Rank of the input topic. */
  readonly input: number;
  readonly record: LogRecord;
  readonly key: string;
  readonly content: BufferedContent<Event>;
}

export type BufferedContent<Event> =
  | { readonly kind: "event"; readonly event: Event }
  | { readonly kind: "tick"; readonly at: number }
  | Refusal;

/** What has been fetched of one input and not been taken yet. */
export class InputBuffer<Event> {
  readonly topic: string;
  readonly rank: number;
  /** Offset of the next record to fetch; always after everything that was pushed, also in the middle of a slice. */
  offsetNext: number;
  /** Append time up to which everything that is not buffered has been seen (L6). */
  completeTo = 0;
  bytes = 0;
  /** What was dropped is not held on to: it may be large, and hold the batch that it was fetched with. */
  #items: (Buffered<Event> | undefined)[] = [];
  #head = 0;

  constructor(topic: string, rank: number, offsetNext: number) {
    this.topic = topic;
    this.rank = rank;
    this.offsetNext = offsetNext;
  }

  get length(): number {
    return this.#items.length - this.#head;
  }

  at(index: number): Buffered<Event> | undefined {
    return this.#items[this.#head + index];
  }

  push(item: Buffered<Event>): void {
    this.#items.push(item);
    this.bytes += bytesOf(item.record);
    this.offsetNext = item.record.offset + 1;
  }

  drop(count: number): void {
    for (let i = 0; i < count; i++) {
      const item = this.#items[this.#head];
      assert(item !== undefined, "a buffer drops only what it holds");
      this.#items[this.#head++] = undefined;
      this.bytes -= bytesOf(item.record);
    }
    if (this.#head > 1024 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
  }
}

export interface MergePlan<Event> {
  /** The next records, in the one order. */
  readonly records: readonly Buffered<Event>[];
  /** No record after these has an append time below this, ms. */
  readonly lowerAfter: number;
}

export interface MergeLimits {
  readonly recordsMax: number;
  readonly bytesMax: number;
}

/** The next records that can be taken for certain, without taking them; ends with the first TICK if there is one (R4). */
export function planMerge<Event>(inputs: readonly InputBuffer<Event>[], limits: MergeLimits): MergePlan<Event> {
  const cursors = inputs.map(() => 0);
  const records: Buffered<Event>[] = [];
  let bytes = 0;
  for (;;) {
    let lower = Number.POSITIVE_INFINITY;
    let first = -1;
    let item: Buffered<Event> | undefined;
    for (let i = 0; i < inputs.length; i++) {
      const input = inputs[i] as InputBuffer<Event>;
      const head = input.at(cursors[i] as number);
      const time = head === undefined ? input.completeTo : head.record.appendedAt;
      // Strictly lower: at a tie the lower rank, which was seen first, goes first.
      if (time < lower) {
        lower = time;
        first = i;
        item = head;
      }
    }
    if (item === undefined || records.length >= limits.recordsMax || bytes >= limits.bytesMax) {
      return { records, lowerAfter: lower };
    }
    records.push(item);
    bytes += bytesOf(item.record);
    cursors[first] = (cursors[first] as number) + 1;
    if (item.content.kind === "tick") {
      return { records, lowerAfter: lower };
    }
  }
}

function bytesOf(record: LogRecord): number {
  return (record.key?.length ?? 0) + (record.value?.length ?? 0);
}

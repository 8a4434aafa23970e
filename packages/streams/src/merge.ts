import { assert } from "./errors.ts";
import type { LogRecord } from "./event-log.ts";
import { FNV_START, fnvStep } from "./fnv.ts";
import type { TaskLimits } from "./limits.ts";

/**
 * The one order in which a task takes the records of its inputs: by append time, then by the topic's rank, then
 * by offset (R1, R2). A record is taken only when nothing that could still arrive would come before it: an input
 * with nothing buffered counts as read up to the `completeTo` of its last fetch (R3).
 *
 * Where append times of an input fall (L3), its records stay in their order, and count for the others as of the time that was reached: the
 * earliest of the next ones is taken, whatever was taken before it.
 */
export interface InputRecord {
  /** Rank of the input topic. */
  readonly input: number;
  readonly record: LogRecord;
}

/**
 * What has been fetched of one input and not been taken yet. Records stay as they came: what decoding makes of them is
 * many times as large, and dies young if it is made no earlier than for the turn that takes it.
 */
export class InputBuffer {
  readonly topic: string;
  readonly rank: number;
  readonly holdsTicks: boolean;
  /** Offset of the next record to fetch; always after everything that was pushed, also in the middle of a slice. */
  offsetNext: number;
  /** Append time up to which everything that is not buffered has been seen (L6). */
  completeTo = 0;
  bytes = 0;
  /** What was dropped is not held on to: it may be large, and hold the batch that it was fetched with. */
  #records: (LogRecord | undefined)[] = [];
  #head = 0;

  constructor({ topic, rank, holdsTicks }: InputTopic, offsetNext: number) {
    this.topic = topic;
    this.rank = rank;
    this.holdsTicks = holdsTicks;
    this.offsetNext = offsetNext;
  }

  get length(): number {
    return this.#records.length - this.#head;
  }

  at(index: number): LogRecord | undefined {
    return this.#records[this.#head + index];
  }

  push(record: LogRecord): void {
    this.#records.push(record);
    this.bytes += record.bytes;
    this.offsetNext = record.offset + 1;
  }

  drop(count: number): void {
    for (let i = 0; i < count; i++) {
      const record = this.#records[this.#head];
      assert(record !== undefined, "a buffer drops only what it holds");
      this.#records[this.#head++] = undefined;
      this.bytes -= record.bytes;
    }
    if (this.#head > 1024 && this.#head * 2 > this.#records.length) {
      this.#records = this.#records.slice(this.#head);
      this.#head = 0;
    }
  }
}

/** An input topic of an application. */
export interface InputTopic {
  readonly topic: string;
  /** Its place among records of one append time. */
  readonly rank: number;
  /** Whether its records are TICKs: each ends a turn (R4). */
  readonly holdsTicks: boolean;
}

/** The next records. In two lists: tens of thousands wait in each partition, and an object for each would be carried along by the collector. */
export interface MergePlan {
  /** In the one order. */
  readonly records: readonly LogRecord[];
  /** Rank of the input topic of each. */
  readonly inputs: readonly number[];
  /** No record after these has an append time below this, ms, but where append times fall. */
  readonly lowerAfter: number;
}

export function inputRecordAt({ records, inputs }: MergePlan, index: number): InputRecord {
  const record = records[index];
  const input = inputs[index];
  assert(record !== undefined && input !== undefined, "a turn knows the records of its plan");
  return { input, record };
}

/**
 * The next records that can be taken for certain, without taking them; ends with the first TICK if there is one (R4).
 * Records without a key count as of one; those of two keys may be taken for one key's, seldom.
 */
export function planMerge(
  inputs: readonly InputBuffer[],
  { turnRecordsMax, turnKeysMax, turnBytesMax }: PlanLimits,
): MergePlan {
  const cursors = inputs.map(() => 0);
  const records: LogRecord[] = [];
  const ranks: number[] = [];
  const keys = new Set<number>();
  let bytes = 0;
  let reached = Number.NEGATIVE_INFINITY;
  for (;;) {
    const first = earliestOf(inputs, cursors);
    const input = inputs[first];
    if (input === undefined) return { records, inputs: ranks, lowerAfter: Number.POSITIVE_INFINITY };
    const record = input.at(cursors[first] as number);
    const lower = record === undefined ? input.completeTo : record.appendedAt;
    reached = Math.max(reached, lower);
    const isFull = records.length >= turnRecordsMax || keys.size >= turnKeysMax || bytes >= turnBytesMax;
    if (record === undefined || isFull) return { records, inputs: ranks, lowerAfter: reached };
    keys.add(digestOf(record.key));
    records.push(record);
    ranks.push(first);
    bytes += record.bytes;
    cursors[first] = (cursors[first] as number) + 1;
    if (input.holdsTicks) return { records, inputs: ranks, lowerAfter: reached };
  }
}

/** Whether the plan does: what follows has to wait for the turn to end, however much of it there is (R4). */
export function endsWithTick(plan: MergePlan, inputs: readonly InputBuffer[]): boolean {
  const last = plan.inputs.at(-1);
  return last !== undefined && inputs[last]?.holdsTicks === true;
}

export type PlanLimits = Pick<TaskLimits, "turnRecordsMax" | "turnKeysMax" | "turnBytesMax">;

/** The input whose next record, or time up to which it is known to have none, is the lowest; −1 where all are read to their end, or there is none. */
function earliestOf(inputs: readonly InputBuffer[], cursors: readonly number[]): number {
  let lower = Number.POSITIVE_INFINITY;
  let first = -1;
  for (let i = 0; i < inputs.length; i++) {
    const input = inputs[i] as InputBuffer;
    const time = input.at(cursors[i] as number)?.appendedAt ?? input.completeTo;
    // Strictly lower: at a tie the lower rank, which was seen first, goes first.
    if (time < lower) {
      lower = time;
      first = i;
    }
  }
  return first;
}

/** FNV-1a of a key's bytes, small enough that a set keeps it without an object. */
function digestOf(key: Uint8Array | null): number {
  let digest = FNV_START;
  const length = key?.length ?? 0;
  for (let i = 0; i < length; i++) digest = fnvStep(digest, key?.[i] as number);
  return digest & 0x3fffffff;
}

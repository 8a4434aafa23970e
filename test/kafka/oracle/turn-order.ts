import assert from "node:assert/strict";
import { INPUT_NAMES, type InputName, type ReadRecord, type RunRecords } from "./run-records.ts";

/** A turn as the journal tells it, with the records it took in the order in which it must have taken them. */
export interface OracleTurn {
  readonly turn: number;
  readonly tickMs: number;
  readonly token: string;
  readonly counts: { readonly applied: number; readonly duplicate: number; readonly deadLetter: number };
  readonly records: readonly { readonly input: InputName; readonly record: ReadRecord }[];
}

interface JournalValue {
  readonly turn: number;
  readonly tickMs: number;
  readonly token: string;
  readonly offsets: readonly { readonly topic: string; readonly next: number }[];
  readonly counts: OracleTurn["counts"];
}

/**
 * Cuts a partition's inputs into turns by the offsets in the journal topic, and merges each turn by append time, rank
 * and offset. It is written from the rules alone and shares no code with the runtime.
 */
export function turnsOf(run: RunRecords, partition: number): readonly OracleTurn[] {
  const taken = new Map<InputName, number>(INPUT_NAMES.map((input) => [input, 0]));
  return (run.topics.journal[partition] ?? []).map((record) => {
    const entry = run.decode(record.value) as JournalValue | null;
    assert(entry !== null, "a journal entry can be read");
    const ranges = INPUT_NAMES.map((input) => {
      const from = taken.get(input) ?? 0;
      const to = entry.offsets.find(({ topic }) => topic === run.fullNames[input])?.next ?? from;
      assert(to >= from, "offsets of the journal never fall");
      taken.set(input, to);
      return between(run.topics[input][partition] ?? [], from, to);
    });
    return { ...entry, records: merge(ranges) };
  });
}

/** How many records of each input the journal's last entry has not taken. */
export function untaken(run: RunRecords, partition: number): number {
  const taken = turnsOf(run, partition).reduce((sum, { records }) => sum + records.length, 0);
  const all = INPUT_NAMES.reduce((sum, input) => sum + (run.topics[input][partition] ?? []).length, 0);
  return all - taken;
}

/** The records with offsets from `from` up to but not `to`; records are in order. */
export function between(records: readonly ReadRecord[], from: number, to: number): readonly ReadRecord[] {
  return records.slice(firstAt(records, from), firstAt(records, to));
}

function firstAt(records: readonly ReadRecord[], offset: number): number {
  let [low, high] = [0, records.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((records[middle]?.offset ?? offset) < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Always the head with the least append time; at a tie the input of the lower rank. */
function merge(ranges: readonly (readonly ReadRecord[])[]): OracleTurn["records"] {
  const merged: { readonly input: InputName; readonly record: ReadRecord }[] = [];
  const next = ranges.map(() => 0);
  for (;;) {
    let chosen = -1;
    for (let rank = 0; rank < ranges.length; rank++) {
      const head = ranges[rank]?.[next[rank] ?? 0];
      const best = ranges[chosen]?.[next[chosen] ?? 0];
      if (head !== undefined && (best === undefined || head.appendedAt < best.appendedAt)) chosen = rank;
    }
    const input = INPUT_NAMES[chosen];
    const record = ranges[chosen]?.[next[chosen] ?? 0];
    if (input === undefined || record === undefined) return merged;
    merged.push({ input, record });
    next[chosen] = (next[chosen] ?? 0) + 1;
  }
}

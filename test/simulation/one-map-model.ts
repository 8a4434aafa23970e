import type { ClockMode, JournalEntry, LogRecord } from "@tidemark/streams";
import { COUNTER_TOPICS, type CounterEvent, ERASING_INPUT, SILENCE_MS, SILENCES_MAX } from "./counter-application.ts";

/**
 * What must come out, told by one map over the merged input: shares no code with the runtime. Which records were
 * quarantined with a throwing neighbour depends on the cut of the turns and is taken from the dead letters.
 */
export interface Expected {
  readonly sums: ReadonlyMap<string, { readonly sum: number; readonly count: number }>;
  /**
   * The instants at which its silence was told, for each key that was never quarantined and none of whose records came in the very
   * millisecond of a silence, or one that append times fell behind: whether that was told before depends on the cut of the turns too.
   */
  readonly silences: ReadonlyMap<string, readonly number[]>;
  /** Keys that were erased, also those that have come back since. */
  readonly erased: ReadonlySet<string>;
  readonly counts: Pick<JournalEntry["counts"], "applied" | "duplicate" | "suppressed" | "deadLetter">;
}

/** A record of one input; the TICKs of clock mode `event` come with the rank after the last input. */
export interface InputRecord {
  readonly rank: number;
  readonly record: LogRecord;
  /** The greatest append time of its input up to it: where these fall, the time that it has its place by. */
  readonly placedAt: number;
}

/** @param topics records of each input in rank order, from the first offset on */
export function placed(topics: readonly (readonly LogRecord[])[]): InputRecord[] {
  return topics.flatMap((records, rank) => {
    let placedAt = 0;
    return records.map((record) => ({ rank, record, placedAt: (placedAt = Math.max(placedAt, record.appendedAt)) }));
  });
}

export function expectFrom(
  inputs: readonly InputRecord[],
  quarantined: ReadonlySet<string>,
  mode: ClockMode,
): Expected {
  const merged = [...inputs].sort(
    (a, b) => a.placedAt - b.placedAt || a.rank - b.rank || a.record.offset - b.record.offset,
  );
  const keys = new Map<string, Counter>();
  const undecided = new Set<string>();
  const erasures = new Map<string, { readonly at: number; readonly appendedAt: number }>();
  const counts = { applied: 0, duplicate: 0, suppressed: 0, deadLetter: 0 };
  let lastTick = 0;
  for (const { rank, record, placedAt } of merged) {
    if (rank === COUNTER_TOPICS.inputs.length) {
      lastTick = Math.max(lastTick, (JSON.parse(text(record.value)) as { at: number }).at);
      for (const counter of keys.values()) tellSilences(counter, lastTick + 1);
      continue;
    }
    const key = text(record.key);
    const event = parse(record.value);
    const counter = keys.get(key) ?? { sum: 0, count: 0, seen: new Set(), due: null, told: 0, silences: [] };
    if (record.value === null && rank === ERASING_INPUT && key !== WRONG_PARTITION_KEY) {
      if (mode === "wall") tellSilences(counter, record.appendedAt);
      if (counter.due !== null && counter.due < placedAt) undecided.add(key);
      counts.applied++;
      erasures.set(key, { at: mode === "wall" ? record.appendedAt : lastTick, appendedAt: record.appendedAt });
      keys.set(key, { sum: 0, count: 0, seen: new Set(), due: null, told: 0, silences: counter.silences });
      continue;
    }
    if (event === null || key === WRONG_PARTITION_KEY) {
      counts.deadLetter++;
      continue;
    }
    if (quarantined.has(letterId(COUNTER_TOPICS.inputs[rank] ?? "", record.offset))) {
      undecided.add(key);
      counts.deadLetter++;
      continue;
    }
    const erasure = erasures.get(key);
    if (erasure !== undefined && (event.at <= erasure.at || record.appendedAt < erasure.appendedAt)) {
      counts.suppressed++;
      continue;
    }
    if (event.kind === "refuse") {
      counts.deadLetter++;
      continue;
    }
    keys.set(key, counter);
    if (mode === "wall") {
      tellSilences(counter, record.appendedAt);
      if (counter.due !== null && counter.due <= placedAt) undecided.add(key);
    }
    if (counter.seen.has(event.id)) {
      counts.duplicate++;
      continue;
    }
    if (event.kind === "throw-in-apply") {
      counts.deadLetter++;
      continue;
    }
    counts.applied++;
    counter.seen.add(event.id);
    counter.sum += event.amount;
    counter.count++;
    counter.due = (mode === "wall" ? record.appendedAt : lastTick) + SILENCE_MS;
    counter.told = 0;
  }
  if (mode === "wall") for (const counter of keys.values()) tellSilences(counter, Number.POSITIVE_INFINITY);
  return {
    sums: new Map([...keys].filter(([, { count }]) => count > 0).map(([key, { sum, count }]) => [key, { sum, count }])),
    silences: new Map([...keys].filter(([key]) => !undecided.has(key)).map(([key, { silences }]) => [key, silences])),
    erased: new Set(erasures.keys()),
    counts,
  };
}

/** A key that the producer sends to a partition where it does not belong. */
export const WRONG_PARTITION_KEY = "astray";

export function letterId(topic: string, offset: number): string {
  return `${topic}@${offset}`;
}

interface Counter {
  sum: number;
  count: number;
  readonly seen: Set<number>;
  due: number | null;
  told: number;
  readonly silences: number[];
}

function tellSilences(counter: Counter, before: number): void {
  while (counter.due !== null && counter.due < before) {
    counter.silences.push(counter.due);
    counter.told++;
    counter.due = counter.told < SILENCES_MAX ? counter.due + SILENCE_MS : null;
  }
}

function text(key: Uint8Array | null): string {
  return key === null ? "" : Buffer.from(key).toString();
}

function parse(value: Uint8Array | null): CounterEvent | null {
  try {
    return JSON.parse(Buffer.from(value ?? []).toString()) as CounterEvent;
  } catch {
    return null;
  }
}

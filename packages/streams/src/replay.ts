import type { Application, Emitted } from "./application.ts";
import type { Clock } from "./clock.ts";
import { assert } from "./errors.ts";
import type { LogRecord } from "./event-log.ts";
import { inputTopics, type InputPartition } from "./input-record.ts";
import type { JournalEntry } from "./journal.ts";
import { InputBuffer, planMerge } from "./merge.ts";
import { noStageTimes } from "./stages.ts";
import { type Entry, storedEntry } from "./entry-cache.ts";
import { isMarkerName } from "./marker-name.ts";
import { sweepBefore, sweptBetween } from "./sweep.ts";
import { TICK_START } from "./tick.ts";
import { TimerWindow } from "./timer-window.ts";
import { runTurn } from "./turn.ts";

/**
 * Runs a journalled turn again from the log (R1): the states before it, its entry and the one before it, and the
 * records of its input ranges give the bytes that it committed.
 * @param states encoded states before the turn by key, and markers by their names; not changed
 * @param records of each input in rank order, from the previous entry's offset up to this entry's
 * @throws InvariantBroken if the entry cannot have come from these inputs
 */
export async function replayTurn<State, Event>(
  application: Application<State, Event>,
  where: InputPartition,
  replay: TurnToReplay,
  clock: Clock,
): Promise<ReplayedTurn> {
  const { entry, before, states, records } = replay;
  const buffers = inputTopics(application).map((input) => new InputBuffer(input, 0));
  for (const buffer of buffers) {
    for (const record of records[buffer.rank] ?? []) buffer.push(record);
    buffer.completeTo = Number.POSITIVE_INFINITY;
  }
  const plan = planMerge(buffers, {
    turnRecordsMax: Number.POSITIVE_INFINITY,
    turnKeysMax: Number.POSITIVE_INFINITY,
    turnBytesMax: Number.POSITIVE_INFINITY,
  });
  const dueOf = (key: string, bytes: Uint8Array): number | null =>
    isMarkerName(key) ? null : application.dueOf(bytes);
  const timers = [...states].flatMap(([key, bytes]) => {
    const due = dueOf(key, bytes);
    return due === null ? [] : [{ due, key }];
  });
  const entries = new Map<string, Entry>();
  const result = await runTurn(
    {
      turn: entry.turn,
      where,
      mode: entry.mode,
      ...plan,
      tickBefore: before === null ? TICK_START : { ms: before.tickMs, key: before.tickKey },
      model: entry.model,
      swept: sweptBetween(
        [...states.keys()].filter((key) => !isMarkerName(key)),
        sweepBefore(before, entry.model),
        entry.sweepAfter,
      ),
      tickReached: { ms: entry.tickMs, key: entry.tickKey },
      hasMarkers: before !== null && before.erasureCheck !== null,
      timersMax: Number.POSITIVE_INFINITY,
      timerSpanMsMax: Number.POSITIVE_INFINITY,
    },
    {
      application,
      timers: new TimerWindow(timers, true),
      load: (key) => {
        const found = entries.get(key);
        if (found !== undefined) return found;
        const bytes = states.get(key) ?? null;
        const loaded = storedEntry(key, bytes, bytes === null ? null : dueOf(key, bytes), null);
        entries.set(key, loaded);
        return loaded;
      },
      clock,
      sliceMsMax: Number.POSITIVE_INFINITY,
      stages: noStageTimes(),
    },
  );
  assert(result.taken === plan.records.length, "a journalled turn takes all records of its ranges");
  return {
    states: result.changed.map(({ entry: changed, bytes }) => ({ key: changed.key, value: bytes })),
    emitted: result.emitted,
  };
}

export interface TurnToReplay {
  readonly entry: JournalEntry;
  readonly before: JournalEntry | null;
  readonly states: ReadonlyMap<string, Uint8Array>;
  readonly records: readonly (readonly LogRecord[])[];
}

export interface ReplayedTurn {
  /** Written to the changelog, in order, markers by their names; null = erased. */
  readonly states: readonly { readonly key: string; readonly value: Uint8Array | null }[];
  /** Written to the output topics, in order. */
  readonly emitted: readonly Emitted[];
}

import type { ReadTick } from "./input-record.ts";
import type { Entry } from "./entry-cache.ts";
import { compareTicks, earlier, later, type Tick } from "./tick.ts";
import type { Timer } from "./timer-heap.ts";
import type { TurnPlan, TurnTimers } from "./turn-plan.ts";

/**
 * How far a turn goes. It is fixed before anything is done: which records and timers a key has in the turn, and up to
 * when, then depends on no other key.
 */
export interface TurnExtent {
  readonly tick: Tick;
  /** How many of the plan's records are taken. */
  readonly taken: number;
  /** What fires up to the tick, one a key, in the order (due, key); a key may fire again until the tick. */
  readonly due: readonly Timer[];
}

/** @param lastTick the TICK that the plan ends with, if it does */
export function extentOf(
  plan: TurnPlan,
  lastTick: ReadTick | null,
  timers: TurnTimers,
  load: (key: string) => Pick<Entry, "due">,
): TurnExtent {
  const { records, tickBefore, tickReached } = plan;
  const all = records.length;
  if (plan.mode === "event") {
    // Only a TICK moves time (R4); it is taken when all its timers fire.
    if (lastTick === null && tickReached === undefined) return { tick: tickBefore, taken: all, due: [] };
    const end = lastTick === null ? (tickReached ?? tickBefore) : later({ ms: lastTick.at, key: null }, tickBefore);
    const { due, stopped } = takeDue(end, plan, timers, load);
    if (stopped === null) return { tick: end, taken: all, due };
    return { tick: later(stopped, tickBefore), taken: lastTick === null ? all : all - 1, due };
  }
  // Each timer fires after the records at or before its due time and before later ones.
  const end = tickReached ?? { ms: plan.lowerAfter - 1, key: null };
  const { due, stopped } = takeDue(end, plan, timers, load);
  if (stopped !== null) {
    const left = records.findIndex(({ appendedAt }) => appendedAt > stopped.ms);
    return { tick: later(stopped, tickBefore), taken: left < 0 ? all : left, due };
  }
  // Not always of the last record (L3).
  const last = records.reduce((latest, { appendedAt }) => Math.max(latest, appendedAt), tickBefore.ms);
  // Where records of one millisecond are split between turns, its timers wait for the last of them.
  return { tick: later(end.ms < last ? { ms: last, key: "" } : end, tickBefore), taken: all, due };
}

/** Takes the timers up to `end`; `stopped` is the tick before it that it could not go beyond. */
function takeDue(
  end: Tick,
  { timersMax, timerSpanMsMax }: TurnPlan,
  timers: TurnTimers,
  load: (key: string) => Pick<Entry, "due">,
): { readonly due: readonly Timer[]; readonly stopped: Tick | null } {
  const due: Timer[] = [];
  const keys = new Set<string>();
  let limit = end;
  for (let timer = timers.pop(limit); timer !== undefined; timer = timers.pop(limit)) {
    // Its key was scored again since it was set; or it was noted twice.
    if (load(timer.key).due !== timer.due || keys.has(timer.key)) continue;
    // Two firings of a key are far apart (R6): in a bounded stretch of time it has a bounded number of them.
    if (due.length === 0) limit = earlier(end, { ms: timer.due + timerSpanMsMax, key: null });
    keys.add(timer.key);
    due.push(timer);
    if (due.length >= timersMax) return { due, stopped: { ms: timer.due, key: timer.key } };
  }
  if (compareTicks(timers.loadedTo, limit) < 0) return { due, stopped: timers.loadedTo };
  return { due, stopped: compareTicks(limit, end) < 0 ? limit : null };
}

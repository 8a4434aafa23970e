import type { Application } from "./application.ts";
import { Cohort, COHORT_KEYS, COHORT_RECORDS } from "./cohort.ts";
import { addresseeOf, type ReadTick } from "./input-record.ts";
import { KeyGroups } from "./key-groups.ts";
import { inputRecordAt } from "./merge.ts";
import { Slicer } from "./slicer.ts";
import { StageClock } from "./stage-clock.ts";
import { extentOf } from "./turn-extent.ts";
import { TurnOutput } from "./turn-output.ts";
import type { TurnPlan, TurnResult, TurnWorld } from "./turn-plan.ts";

/**
 * One turn of a task: takes records and due timers in one order of time, scores, and gives back what is to be
 * committed. It reads nothing but what it is handed and changes nothing that is committed, so that the same
 * plan over the same states gives the same bytes (R1), whether the task runs it or a replay does.
 *
 * Keys know nothing of each other: an event, a timer and a score concern one state. So the one order of time is kept
 * for each key by itself, and one cohort of keys after the other is loaded, brought up to the tick, scored, encoded and let go of:
 * however much a turn takes, the states of a cohort and one event are decoded at a time, and die young.
 */
export async function runTurn<State, Event>(plan: TurnPlan, world: TurnWorld<State, Event>): Promise<TurnResult> {
  const { application, timers, clock } = world;
  const slicer = new Slicer(clock, world.sliceMsMax);
  const stageClock = new StageClock(clock);
  const extent = extentOf(plan, lastTickOf(application, plan), timers, (key) => world.load(key));
  const output = new TurnOutput(application, plan, extent.taken);
  const groups = new KeyGroups(extent.taken);
  for (let index = 0; index < extent.taken; index++) {
    const addressee = addresseeOf(application, plan.where, inputRecordAt(plan, index));
    if (typeof addressee === "string") groups.addRecord(addressee, index);
    else if (addressee.kind === "tick") output.taken(index, "ticks");
    else output.refused(index, addressee);
  }
  for (const timer of extent.due) groups.addTimer(timer);
  // A key that came into being in this turn is scored by its records.
  for (const key of plan.swept) if (world.load(key).bytes !== null) groups.addSwept(key);
  const cohort = new Cohort({ plan, world, tick: extent.tick, groups, output, stageClock });
  for (const some of groups.inChunks(COHORT_KEYS, COHORT_RECORDS)) {
    cohort.run(some);
    if (slicer.due(some.length)) await slicer.pause();
  }
  stageClock.share(world.stages, slicer.workedMs());
  return output.result(extent.tick);
}

function lastTickOf<State, Event>(application: Application<State, Event>, plan: TurnPlan): ReadTick | null {
  if (plan.records.length === 0) return null;
  const addressee = addresseeOf(application, plan.where, inputRecordAt(plan, plan.records.length - 1));
  return typeof addressee === "object" && addressee.kind === "tick" ? addressee : null;
}

import { expect, test } from "vitest";
import {
  COUNTER_TOPICS,
  counterApplication,
  type CounterState,
  SILENCE_MS,
} from "../simulation/counter-application.ts";
import { type CounterApplication, caughtUp, event, json, keysOf, letters, openRig, type Rig, statesOf } from "./rig.ts";

const [INPUT] = COUNTER_TOPICS.inputs;
const [SICK = "", NEIGHBOUR = "", FRESH = ""] = keysOf(3);
const DAY_MS = 86_400_000;

test("an event that throws when applied is a dead letter; what its key did before and after in the turn stays", async () => {
  await using rig = await openRig();
  await rig.append(INPUT, [
    event(SICK, 1),
    event(NEIGHBOUR, 2),
    event(SICK, 3, "throw-in-apply"),
    event(SICK, 4),
    event(SICK, 1),
    event(NEIGHBOUR, 5),
  ]);
  const owner = rig.start();
  await rig.until(() => caughtUp(owner), "all is taken");
  expect(owner.turns[0]).toMatchObject({ quarantined: 1 });
  expect(await letters(rig)).toEqual([{ topic: INPUT, offset: 2, code: "QUARANTINED" }]);
  const states = await statesOf(rig);
  expect([states.get(SICK)?.sum, states.get(NEIGHBOUR)?.sum]).toEqual([2, 2]);
  expect(owner.task.status.counts).toMatchObject({ applied: 4, duplicate: 1, deadLetter: 1 });
  await rig.check(owner);
});

test("a state that throws when scored after records goes back to what was committed, its records to the dead letters", async () => {
  await using rig = await openRig();
  const owner = rig.start();
  await rig.append(INPUT, [event(SICK, 1), event(NEIGHBOUR, 2)]);
  await rig.until(() => caughtUp(owner), "the first are applied");
  const before = owner.turns.length;
  await rig.append(INPUT, [
    event(SICK, 3),
    event(NEIGHBOUR, 4),
    event(SICK, 5, "throw-in-score"),
    event(SICK, 1),
    event(NEIGHBOUR, 6),
  ]);
  await rig.until(() => caughtUp(owner), "all is taken");
  expect(await letters(rig)).toEqual([
    { topic: INPUT, offset: 2, code: "QUARANTINED" },
    { topic: INPUT, offset: 4, code: "QUARANTINED" },
    { topic: INPUT, offset: 5, code: "QUARANTINED" },
  ]);
  const turn = owner.turns.slice(before).find(({ quarantined }) => quarantined > 0);
  const states = await statesOf(rig);
  expect([states.get(SICK)?.sum, states.get(NEIGHBOUR)?.sum]).toEqual([1, 3]);
  expect(states.get(SICK)?.due).toBe((turn?.entry.tickMs ?? 0) + DAY_MS);
  expect(owner.task.status.counts).toMatchObject({ applied: 4, duplicate: 0, deadLetter: 3 });
  // The next event finds it well again.
  await rig.append(INPUT, [event(SICK, 7)]);
  await rig.until(() => caughtUp(owner), "the next is applied");
  expect((await statesOf(rig)).get(SICK)?.sum).toBe(2);
  await rig.check(owner);
});

test("a key that throws when first scored leaves no state behind", async () => {
  await using rig = await openRig();
  const owner = rig.start();
  await rig.append(INPUT, [event(FRESH, 1, "throw-in-score"), event(NEIGHBOUR, 2)]);
  await rig.until(() => caughtUp(owner), "both are taken");
  expect((await statesOf(rig)).has(FRESH)).toBe(false);
  expect(await rig.read(COUNTER_TOPICS.scores)).toHaveLength(1);
  await rig.check(owner);
});

test("of several cohorts of keys in one turn only those go without a score that throw", async () => {
  await using rig = await openRig();
  const keys = keysOf(100);
  const isSick = (index: number): boolean => index % 7 === 3;
  await rig.append(
    INPUT,
    keys.map((key, index) => event(key, index + 1, ...(isSick(index) ? ["throw-in-score" as const] : []))),
  );
  const owner = rig.start();
  await rig.until(() => caughtUp(owner), "all are taken");
  expect(owner.turns.filter(({ outcomesByInput: [first] }) => (first?.applied ?? 0) > 0)).toHaveLength(1);
  const well = keys.filter((_, index) => !isSick(index));
  expect((await rig.read(COUNTER_TOPICS.scores)).map(({ key }) => Buffer.from(key ?? "").toString())).toEqual(well);
  expect([...(await statesOf(rig)).keys()].toSorted()).toEqual(well.toSorted());
  expect(await letters(rig)).toHaveLength(keys.length - well.length);
  await rig.check(owner);
});

test("a state that throws at its timer has the timer moved a day; its neighbours' timers fire", async () => {
  await using rig = await openRig({ application: throwingAtTimer(1) });
  const owner = rig.start({ limits: { fetchWaitMs: 60_000 } });
  const { appendedAt } = await rig.append(INPUT, [event(SICK, 1), event(NEIGHBOUR, 2)]);
  await rig.until(() => owner.turns.some(({ quarantined }) => quarantined > 0), "the timer has thrown");
  const states = await statesOf(rig);
  expect(states.get(SICK)).toMatchObject({ sum: 1, due: appendedAt + SILENCE_MS + DAY_MS });
  expect(await letters(rig)).toEqual([]);
  await rig.pass(DAY_MS + 10_000);
  const told = await silencesOf(rig);
  expect(told.get(NEIGHBOUR)).toHaveLength(3);
  // A day later it throws no more.
  expect(told.get(SICK)).toHaveLength(3);
  await rig.check(owner);
});

test("a timer that threw stays moved though an event of its key throws in the same turn", async () => {
  await using rig = await openRig({ application: throwingAtTimer(1) });
  const first = rig.start();
  const { appendedAt } = await rig.append(INPUT, [event(SICK, 1), event(NEIGHBOUR, 2)]);
  await rig.until(() => caughtUp(first), "the first are applied");
  await first.stop();
  await rig.pass(10 * SILENCE_MS);
  await rig.append(INPUT, [event(SICK, 3, "throw-in-apply"), event(NEIGHBOUR, 4)]);

  // The timer comes due before the event, in one turn with it.
  const second = rig.start();
  await rig.until(() => caughtUp(second), "all is taken");
  expect(second.turns[0]).toMatchObject({ quarantined: 2 });
  const states = await statesOf(rig);
  expect(states.get(SICK)).toMatchObject({ sum: 1, due: appendedAt + SILENCE_MS + DAY_MS });
  await rig.check(second);
});

test("what a key emitted in a turn is withdrawn if it then cannot be scored", async () => {
  await using rig = await openRig();
  const first = rig.start();
  await rig.append(INPUT, [event(SICK, 1), event(NEIGHBOUR, 2)]);
  await rig.until(() => caughtUp(first), "the first are applied");
  await first.stop();
  await rig.pass(3 * SILENCE_MS);
  await rig.append(INPUT, [event(SICK, 3, "throw-in-score"), event(NEIGHBOUR, 4)]);
  // Its silence is told by a timer, and then the event that follows in the same turn makes scoring throw.
  const second = rig.start();
  await rig.until(() => caughtUp(second), "all is taken");
  const told = await silencesOf(rig);
  expect(told.get(NEIGHBOUR)?.length).toBeGreaterThanOrEqual(2);
  expect(told.get(SICK)).toBeUndefined();
  expect((await statesOf(rig)).get(SICK)).toMatchObject({ sum: 1, version: 1, silences: 0 });
  await rig.check(second);
});

test("a due time that no timer can have is an error of the application, and quarantined", async () => {
  for (const due of [Number.NaN, Number.POSITIVE_INFINITY, 1.7e12 + 0.5 + 1e6, 2 ** 60]) {
    const { score } = counterApplication("wall");
    await using rig = await openRig({
      application: {
        score: (state, at, context) => {
          const changed = score(state, at, context);
          if (state.key === SICK) state.due = due;
          return changed;
        },
      },
    });
    const owner = rig.start();
    await rig.append(INPUT, [event(SICK, 1), event(NEIGHBOUR, 2)]);
    await rig.until(() => caughtUp(owner), "both are taken");
    expect(await letters(rig)).toEqual([{ topic: INPUT, offset: 0, code: "QUARANTINED" }]);
    expect((await statesOf(rig)).get(NEIGHBOUR)?.sum).toBe(1);
    await owner.stop();
  }
});

/** Scoring the first key at a timer throws, until a day has passed. */
function throwingAtTimer(id: number): Pick<CounterApplication, "score"> {
  const { score } = counterApplication("wall");
  return {
    score: (state: CounterState, at, context) => {
      const sinceEvent = at - state.heardAt;
      if (context.cause === "timer" && state.seen[0] === id && sinceEvent < DAY_MS) throw new Error("asked for");
      return score(state, at, context);
    },
  };
}

async function silencesOf(rig: Rig): Promise<Map<string, number[]>> {
  const told = new Map<string, number[]>();
  for (const { key, value } of await rig.read(COUNTER_TOPICS.silences)) {
    const { at } = json(value) as { at: number };
    told.set(String(key), [...(told.get(String(key)) ?? []), at]);
  }
  return told;
}

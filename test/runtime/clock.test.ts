import { expect, test } from "vitest";
import { COUNTER_TOPICS, SILENCE_MS } from "../simulation/counter-application.ts";
import { caughtUp, event, Gate, json, keysOf, logWithCommit, openRig, type Rig, START_AT } from "./rig.ts";

const [INPUT, OTHER] = COUNTER_TOPICS.inputs;
const YEAR_MS = 365 * 86_400_000;
const DAY_MS = 86_400_000;
const [KEY = ""] = keysOf(1);

test("a clock that jumps a year while the partition is idle halts the task before a timer of that year fires", async () => {
  await using rig = await openRig();
  const owner = rig.start();
  await rig.append(INPUT, [event(KEY, 1)]);
  await rig.until(() => owner.turns.length > 0, "the event is applied");
  rig.shiftClock(YEAR_MS);
  await rig.until(() => owner.ended(), "the task ends");
  expect(owner.failure()).toMatchObject({ code: "CLOCK_HALTED" });
  await expectNothingOfThatYear(rig);
});

test("a clock that jumps a year under load halts the task, though the log stamps its records with that year", async () => {
  for (let seed = 0; seed < 10; seed++) {
    await using rig = await openRig({ seed });
    const owner = rig.start();
    for (let id = 0; id < 10; id++) await rig.append(INPUT, [event(KEY, id)]);
    await rig.until(() => owner.turns.length > 0, "the first are applied");
    rig.shiftClock(YEAR_MS);
    for (let id = 10; id < 30 && !owner.ended(); id++) {
      await rig.append(id % 2 === 0 ? INPUT : OTHER, [event(KEY, id)]);
      await rig.pass(5);
    }
    await rig.until(() => owner.ended(), "the task ends");
    expect(owner.failure()).toMatchObject({ code: "CLOCK_HALTED" });
    await expectNothingOfThatYear(rig);
  }
});

test("a commit that the log stamps with a year ahead is no evidence that the year has passed", async () => {
  await using rig = await openRig();
  const gate = new Gate();
  const owner = rig.start({
    wrapLog: (log) =>
      logWithCommit(log, async (writer, batches) => {
        await gate.pass();
        return writer.commit(batches);
      }),
  });
  await rig.until(() => caughtUp(owner), "the task runs");
  gate.close();
  await rig.append(INPUT, [event(KEY, 1)]);
  await rig.until(() => gate.waiting > 0, "a turn is being committed");
  // Between the turn and its commit the clock jumps.
  rig.shiftClock(YEAR_MS);
  gate.open();
  await rig.until(() => owner.ended(), "the task ends");
  expect(owner.failure()).toMatchObject({ code: "CLOCK_HALTED" });
  await expectNothingOfThatYear(rig);
});

test("a clock that falls back a day changes no result, and the tick does not fall", async () => {
  await using rig = await openRig();
  const owner = rig.start();
  for (let id = 0; id < 10; id++) {
    if (id === 5) rig.shiftClock(-DAY_MS);
    await rig.append(id % 2 === 0 ? INPUT : OTHER, [event(KEY, id)]);
    await rig.pass(30);
  }
  await rig.until(() => caughtUp(owner), "all is applied");
  const ticks = owner.turns.map((turn) => turn.entry.tickMs);
  expect(ticks).toEqual([...ticks].sort((a, b) => a - b));
  expect(ticks.at(-1)).toBeGreaterThanOrEqual(START_AT);
  rig.shiftClock(0);
  await rig.check(owner);
});

test("a task that is started long after its last turn takes the time that has passed as it is", async () => {
  await using rig = await openRig();
  const first = rig.start();
  await rig.append(INPUT, [event(KEY, 1)]);
  await rig.until(() => caughtUp(first), "the event is applied");
  await first.stop();
  await rig.pass(DAY_MS);
  const second = rig.start();
  await rig.until(() => second.turns.length > 0, "the silences of the day are told");
  await rig.check(second);
  expect(second.turns.at(-1)?.entry.tickMs).toBeLessThan(rig.scheduler.now);
});

/** The last tick is of the time before the jump, and so is everything told. */
async function expectNothingOfThatYear(rig: Rig): Promise<void> {
  for (const record of await rig.read(COUNTER_TOPICS.journal)) {
    const { tickMs } = json(record.value) as { tickMs: number };
    expect(tickMs).toBeLessThan(START_AT + YEAR_MS / 2);
  }
  for (const record of await rig.read(COUNTER_TOPICS.silences)) {
    const { at } = json(record.value) as { at: number };
    expect(at).toBeLessThan(rig.scheduler.now + SILENCE_MS);
  }
}

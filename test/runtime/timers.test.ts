import { expect, test } from "vitest";
import { COUNTER_TOPICS, SILENCE_MS, SILENCES_MAX } from "../simulation/counter-application.ts";
import { caughtUp, event, json, keysOf, openRig, type Owner, type Rig } from "./rig.ts";

const [INPUT] = COUNTER_TOPICS.inputs;

test("many timers of one millisecond are taken over several turns, each once and in the order of their keys", async () => {
  await using rig = await openRig();
  const keys = keysOf(700);
  const owner = rig.start({ limits: { turnTimersMax: 100 } });
  const { appendedAt } = await rig.append(
    INPUT,
    keys.map((key, id) => event(key, id)),
  );
  await rig.check(owner);
  expect(
    owner.turns.filter((turn) => turn.entry.tickMs === appendedAt + SILENCE_MS && turn.timersFired === 100),
  ).toHaveLength(7);
  const first = (await silences(rig)).filter(({ at }) => at === appendedAt + SILENCE_MS);
  expect(first.map(({ key }) => key)).toEqual([...keys].sort());
});

test("timers of one millisecond go on where they stopped when the task is killed in the middle", async () => {
  for (let seed = 0; seed < 6; seed++) {
    await using rig = await openRig({ seed });
    const keys = keysOf(300);
    const limits = { turnTimersMax: 40, timersLoadedMax: 70, flushEntries: 50 };
    let owner = rig.start({ limits });
    await rig.append(
      INPUT,
      keys.map((key, id) => event(key, id)),
    );
    // Each owner is killed after a few turns of timers; the last may finish.
    for (let life = 0; life < 8; life++) {
      await rig.until(() => firedTurns(owner) >= 2, "some timers have fired");
      owner.crash();
      owner = rig.start({ limits, bootId: life % 3 === 0 ? `boot-${seed}-${life}` : `boot-${seed}` });
    }
    await rig.check(owner);
    expect(await silences(rig)).toHaveLength(keys.length * SILENCES_MAX);
  }
});

test("more timers than the window holds all fire, once each, however far apart they are", async () => {
  await using rig = await openRig();
  const keys = keysOf(400);
  const owner = rig.start({ limits: { timersLoadedMax: 16, flushEntries: 7, fetchWaitMs: 20 } });
  for (let start = 0; start < keys.length; start += 10) {
    await rig.append(
      INPUT,
      keys.slice(start, start + 10).map((key, id) => event(key, start + id)),
    );
    await rig.pass(rig.scheduler.random.integer(60));
  }
  await rig.check(owner);
  expect(await silences(rig)).toHaveLength(keys.length * SILENCES_MAX);
});

test("two and more firings of one key fall into one turn where much time has passed", async () => {
  await using rig = await openRig();
  const [key = "", other = ""] = keysOf(2);
  const first = rig.start();
  await rig.append(INPUT, [event(key, 1), event(other, 2)]);
  await rig.until(() => caughtUp(first), "the events are applied");
  await first.stop();
  await rig.pass(100 * SILENCE_MS);
  const second = rig.start();
  await rig.until(() => caughtUp(second) && second.turns.length > 0, "the timers have fired");
  expect(second.turns[0]).toMatchObject({ timersFired: 2 * SILENCES_MAX, timersChanged: 2 * SILENCES_MAX });
  await rig.check(second);
  const told = await silences(rig);
  // In the order of time over both keys, not key by key.
  expect(told.map(({ at }) => at)).toEqual(told.map(({ at }) => at).sort((a, b) => a - b));
});

test("much time is worked off in stretches, so that a turn fires no key more often than a stretch allows", async () => {
  await using rig = await openRig();
  const keys = keysOf(3);
  const first = rig.start();
  await rig.append(
    INPUT,
    keys.map((key, id) => event(key, id)),
  );
  await rig.until(() => caughtUp(first), "the events are applied");
  await first.stop();
  await rig.pass(100 * SILENCE_MS);
  const second = rig.start({ limits: { turnTimerSpanMs: SILENCE_MS - 1 } });
  const fired = (): number => second.turns.reduce((sum, turn) => sum + turn.timersFired, 0);
  await rig.until(() => caughtUp(second) && fired() === SILENCES_MAX * keys.length, "the timers have fired");
  expect(second.turns.slice(0, SILENCES_MAX).map(({ timersFired }) => timersFired)).toEqual(
    Array.from({ length: SILENCES_MAX }, () => keys.length),
  );
  await rig.check(second);
});

test("a timer fires between the records before it and those after it, in one turn with both", async () => {
  await using rig = await openRig();
  const [key = "", other = ""] = keysOf(2);
  const first = rig.start();
  const { appendedAt } = await rig.append(INPUT, [event(key, 1), event(other, 2)]);
  await rig.until(() => caughtUp(first), "the events are applied");
  await first.stop();
  await rig.pass(10);
  const heardAgain = await rig.append(INPUT, [event(other, 3)]);
  expect(heardAgain.appendedAt).toBeLessThan(appendedAt + SILENCE_MS);
  await rig.pass(SILENCE_MS + 50);
  await rig.append(INPUT, [event(key, 4)]);
  const second = rig.start();
  await rig.until(() => caughtUp(second), "all is applied");
  expect(second.turns[0]?.outcomesByInput[0]?.applied).toBe(2);
  // The key is scored as of its silence, without the event that comes after it; the other was heard before it was silent.
  const { turn, tickMs } = second.turns[0]?.entry ?? { turn: 0, tickMs: 0 };
  const scores = (await rig.read(COUNTER_TOPICS.scores)).map(
    (record) => json(record.value) as { at: number; sum: number; turn: number },
  );
  expect(scores.filter((score) => score.turn === turn)).toMatchObject([
    { at: appendedAt + SILENCE_MS, sum: 1 },
    { at: heardAgain.appendedAt + SILENCE_MS, sum: 2 },
    { at: tickMs, sum: 2 },
    { at: tickMs, sum: 2 },
  ]);
  await rig.check(second);
});

test("an idle partition commits nothing", async () => {
  await using rig = await openRig();
  const [key = ""] = keysOf(1);
  const owner = rig.start();
  await rig.append(INPUT, [event(key, 1)]);
  await rig.pass(SILENCE_MS * (SILENCES_MAX + 2));
  const { end } = await rig.drive(rig.log.offsets(COUNTER_TOPICS.changelog, 0));
  await rig.pass(60_000);
  expect((await rig.drive(rig.log.offsets(COUNTER_TOPICS.changelog, 0))).end).toBe(end);
  await rig.check(owner);
});

function firedTurns(owner: Owner): number {
  return owner.turns.filter(({ timersFired }) => timersFired > 0).length;
}

async function silences(rig: Rig): Promise<readonly { readonly key: string; readonly at: number }[]> {
  return (await rig.read(COUNTER_TOPICS.silences)).map(({ key, value }) => ({
    key: String(key),
    at: (json(value) as { at: number }).at,
  }));
}

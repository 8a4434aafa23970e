import type { EventLog, RecordToAppend } from "@tidemark/streams";
import { expect, test } from "vitest";
import { COUNTER_TOPICS, counterApplication, SILENCE_MS, SILENCES_MAX } from "../simulation/counter-application.ts";
import { caughtUp, event, json, keysOf, letters, logWithCommit, openRig, type Rig } from "./rig.ts";

const [INPUT] = COUNTER_TOPICS.inputs;
const [KEY = "", NEIGHBOUR = ""] = keysOf(2);
const DAY_MS = 86_400_000;
const NEW_YEAR_MS = Date.UTC(1997, 0, 1);

test("only TICKs move time: however late it is, nothing is silent before they say so", async () => {
  await using rig = await openRig({ mode: "event" });
  const owner = rig.start();
  await tick(rig, NEW_YEAR_MS);
  await rig.append(INPUT, [event(KEY, 1)]);
  await rig.pass(DAY_MS / 100);
  expect(owner.task.status.tickMs).toBe(NEW_YEAR_MS);
  expect(await silences(rig)).toEqual([]);
  await tick(rig, NEW_YEAR_MS + DAY_MS);
  await rig.until(() => owner.task.status.counts.ticks === 2 && caughtUp(owner), "the TICK is taken");
  expect(await silences(rig)).toEqual([1, 2, 3].map((n) => NEW_YEAR_MS + n * SILENCE_MS));
  await rig.check(owner);
});

test("a TICK that is repeated or earlier than the last does not move time back", async () => {
  await using rig = await openRig({ mode: "event" });
  const owner = rig.start();
  const ats = [0, DAY_MS, DAY_MS, DAY_MS / 2, -DAY_MS, 2 * DAY_MS].map((after) => NEW_YEAR_MS + after);
  for (const [id, at] of ats.entries()) {
    await rig.append(INPUT, [event(KEY, id)]);
    await tick(rig, at);
  }
  await rig.until(() => owner.task.status.counts.ticks === ats.length && caughtUp(owner), "all are taken");
  const ticks = owner.turns.map(({ entry }) => entry.tickMs);
  expect(ticks).toEqual([...ticks].sort((a, b) => a - b));
  expect(owner.task.status.tickMs).toBe(NEW_YEAR_MS + 2 * DAY_MS);
  await rig.check(owner);
});

test("what lies behind a TICK is taken at once, and not an interval later", async () => {
  await using rig = await openRig({ mode: "event" });
  const ats = Array.from({ length: 50 }, (_, day) => NEW_YEAR_MS + day * DAY_MS);
  for (const [id, at] of ats.entries()) {
    if (id % 2 === 0) await rig.append(INPUT, [event(KEY, id)]);
    await tick(rig, at);
  }
  const startedAt = rig.scheduler.now;
  const owner = rig.start({ limits: { turnIntervalMs: 60_000 } });
  await rig.until(() => owner.task.status.counts.ticks === ats.length, "all are taken");
  expect(rig.scheduler.now - startedAt).toBeLessThan(60_000);
  await rig.append(INPUT, [event(KEY, 50)]);
  await rig.until(() => owner.task.status.counts.applied === 26, "the event is taken");
  await rig.append(INPUT, [event(KEY, 51)]);
  const tookAt = rig.scheduler.now;
  await rig.until(() => owner.task.status.counts.applied === 27, "the next one is taken");
  expect(rig.scheduler.now - tookAt).toBeGreaterThan(50_000);
  await rig.check(owner);
});

test.each([
  ["that cannot be read", Buffer.from("{")],
  ["without a time", Buffer.from('{"when":5}')],
  ["of no whole millisecond", Buffer.from('{"at":1.5}')],
  ["without a value", null],
])("a TICK %s is a dead letter of the TICK topic, and time goes on with the next", async (_, value) => {
  const { ticks } = counterApplication("event");
  await using rig = await openRig({
    mode: "event",
    // The decoder of a domain answers null for what it cannot read.
    application: {
      ticks: {
        topic: COUNTER_TOPICS.ticks,
        decode: (bytes) => (bytes.length < 3 ? null : ((ticks?.decode(bytes) as number | undefined) ?? null)),
      },
    },
  });
  const owner = rig.start();
  await rig.append(INPUT, [event(KEY, 1)]);
  await tick(rig, NEW_YEAR_MS);
  await rig.append(COUNTER_TOPICS.ticks, [{ key: null, value }]);
  await rig.append(INPUT, [event(KEY, 2)]);
  await tick(rig, NEW_YEAR_MS + DAY_MS);
  await rig.until(() => owner.task.status.counts.ticks === 2 && caughtUp(owner), "all are taken");
  expect(await letters(rig)).toEqual([{ topic: COUNTER_TOPICS.ticks, offset: 1, code: "MALFORMED" }]);
  expect(owner.task.status).toMatchObject({ tickMs: NEW_YEAR_MS + DAY_MS, counts: { applied: 2, deadLetter: 1 } });
  await owner.stop();
});

test("the reference for times in the future is the last TICK, and there is none before the first", async () => {
  const references: (number | null)[] = [];
  const { apply } = counterApplication("event");
  await using rig = await openRig({
    mode: "event",
    application: {
      apply: (state, added, context) => {
        references.push(context.referenceAt);
        return apply(state, added, context);
      },
    },
  });
  const owner = rig.start();
  await rig.append(INPUT, [event(KEY, 1)]);
  await tick(rig, NEW_YEAR_MS);
  await rig.append(INPUT, [event(KEY, 2), event(NEIGHBOUR, 3)]);
  await tick(rig, NEW_YEAR_MS - DAY_MS);
  await rig.append(INPUT, [event(KEY, 4)]);
  await tick(rig, NEW_YEAR_MS + DAY_MS);
  await rig.append(INPUT, [event(KEY, 5)]);
  await rig.until(() => caughtUp(owner), "all are taken");
  expect(references).toEqual([null, NEW_YEAR_MS, NEW_YEAR_MS, NEW_YEAR_MS, NEW_YEAR_MS + DAY_MS]);
});

test("a TICK with more timers than a turn takes is worked off over turns, and across a crash in the middle", async () => {
  for (let seed = 0; seed < 5; seed++) {
    await using rig = await openRig({ mode: "event", seed });
    const keys = keysOf(150);
    const limits = { turnTimersMax: 20, timersLoadedMax: 33, flushEntries: 25 };
    // Time passes between its turns.
    const wrapLog = (log: EventLog): EventLog =>
      logWithCommit(log, async (writer, batches) => {
        await rig.clock.sleep(1, new AbortController().signal);
        return writer.commit(batches);
      });
    let owner = rig.start({ limits, wrapLog });
    await tick(rig, NEW_YEAR_MS);
    await rig.append(
      INPUT,
      keys.map((key, id) => event(key, id)),
    );
    await rig.until(() => caughtUp(owner), "the timers are set");
    await tick(rig, NEW_YEAR_MS + DAY_MS);
    // After the TICK, so not before it is done.
    await rig.append(INPUT, [event(KEY, 1_000)]);
    for (let life = 0; life < 6; life++) {
      await rig.until(() => owner.turns.filter(({ timersFired }) => timersFired > 0).length >= 2, "timers fire");
      expect(owner.task.status.counts.ticks).toBe(1);
      owner.crash();
      owner = rig.start({ limits, wrapLog, bootId: life % 2 === 0 ? "boot-1" : `boot-${life}` });
    }
    await rig.until(() => owner.task.status.counts.ticks === 2 && caughtUp(owner), "the TICK is done");
    expect(await silences(rig)).toHaveLength(keys.length * SILENCES_MAX);
    await rig.check(owner);
  }
});

test("the clock of the machine is not looked at", async () => {
  await using rig = await openRig({ mode: "event" });
  const owner = rig.start();
  await tick(rig, NEW_YEAR_MS);
  rig.shiftClock(365 * DAY_MS);
  await rig.append(INPUT, [event(KEY, 1)]);
  await tick(rig, NEW_YEAR_MS + DAY_MS);
  await rig.until(() => owner.task.status.counts.ticks === 2 && caughtUp(owner), "all are taken");
  expect(owner.task.status.tickMs).toBe(NEW_YEAR_MS + DAY_MS);
  await rig.check(owner);
});

async function tick(rig: Rig, at: number): Promise<void> {
  const record: RecordToAppend = { key: null, value: Buffer.from(JSON.stringify({ at })) };
  await rig.append(COUNTER_TOPICS.ticks, [record]);
}

async function silences(rig: Rig): Promise<readonly number[]> {
  return (await rig.read(COUNTER_TOPICS.silences)).map((record) => (json(record.value) as { at: number }).at);
}

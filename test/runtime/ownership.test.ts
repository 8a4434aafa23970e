import { type EventLog, LogUnavailable, TaskFenced } from "@tidemark/streams";
import { expect, test } from "vitest";
import { COUNTER_TOPICS } from "../simulation/counter-application.ts";
import { caughtUp, event, Gate, keysOf, letters, logWith, logWithCommit, openRig, openStore } from "./rig.ts";

const [INPUT] = COUNTER_TOPICS.inputs;
const [KEY = "", NEIGHBOUR = ""] = keysOf(2);

test("a task fences, restores, runs, and closes with a clean store", async () => {
  await using rig = await openRig();
  const owner = rig.start();
  await rig.append(INPUT, [event(KEY, 1)]);
  await rig.until(() => caughtUp(owner), "the event is applied");
  await owner.stop();
  expect(owner.states).toEqual(["fencing", "restoring", "running", "closing"]);
  expect(owner.failure()).toBeNull();
});

test("a task for which there is nothing to do knows so at once, not after the wait of a fetch", async () => {
  await using rig = await openRig();
  const owner = rig.start({ limits: { fetchWaitMs: 3_600_000 } });
  await rig.until(() => owner.states.at(-1) === "running", "it runs");
  const runningAt = rig.clock.monotonic();
  await rig.until(() => caughtUp(owner), "it has looked at its inputs");
  expect(rig.clock.monotonic() - runningAt).toBeLessThan(1_000);
  await owner.stop();
});

const FAILURES: readonly [string, (log: EventLog, fail: () => boolean) => EventLog][] = [
  ["openWriter", (log, fail) => logWith(log, { openWriter: async (id) => (check(fail), log.openWriter(id)) })],
  [
    "offsets",
    (log, fail) => logWith(log, { offsets: async (topic, partition) => (check(fail), log.offsets(topic, partition)) }),
  ],
  [
    "fetch",
    (log, fail) => logWith(log, { fetch: async (positions, options) => (check(fail), log.fetch(positions, options)) }),
  ],
  ["commit", (log, fail) => logWithCommit(log, async (writer, batches) => (check(fail), writer.commit(batches)))],
];

test.each(FAILURES)(
  "a log that does not answer in %s is asked again until it does, and nothing is lost",
  async (_, wrap) => {
    for (let seed = 0; seed < 10; seed++) {
      await using rig = await openRig({ seed });
      let left = 0;
      const fail = (): boolean => left > 0 && left-- > 0;
      left = 3;
      const owner = rig.start({ wrapLog: (log) => wrap(log, fail), limits: { backoffMsMin: 10, backoffMsMax: 50 } });
      for (let id = 0; id < 20; id++) {
        await rig.append(INPUT, [event(id % 2 === 0 ? KEY : NEIGHBOUR, id)]);
        await rig.pass(rig.scheduler.random.integer(60));
        if (rig.scheduler.random.chance(0.2)) left = 1 + rig.scheduler.random.integer(3);
      }
      left = 0;
      await rig.check(owner);
      expect(owner.recoveries.length).toBeGreaterThan(0);
      expect(owner.recoveries.every((error) => error instanceof LogUnavailable)).toBe(true);
    }
  },
);

test("the waits between attempts double up to their bound, and begin anew after a turn", async () => {
  await using rig = await openRig();
  const attempts: number[] = [];
  let down = true;
  const owner = rig.start({
    limits: { backoffMsMin: 100, backoffMsMax: 800 },
    wrapLog: (log) =>
      logWith(log, {
        openWriter: async (id) => {
          attempts.push(rig.clock.monotonic());
          if (down) throw new LogUnavailable("down");
          return log.openWriter(id);
        },
      }),
  });
  await rig.until(() => attempts.length >= 6, "it has tried six times");
  const waits = attempts.slice(1, 6).map((at, index) => at - (attempts[index] ?? 0));
  expect(waits).toEqual([100, 200, 400, 800, 800]);
  down = false;
  await rig.append(INPUT, [event(KEY, 1)]);
  await rig.until(() => caughtUp(owner), "it works");
  expect(owner.task.status.counts.applied).toBe(1);
});

test("inputs cut off below the journal's position end the task: it never jumps", async () => {
  await using rig = await openRig({ logLimits: { segmentMsMax: 1, maintenanceIntervalMs: 1e9 } });
  const retention = "short-lived";
  await rig.drive(
    rig.log.createTopics([{ name: retention, partitions: 2, policy: { cleanup: "delete", retentionMs: 1_000 } }]),
  );
  const application = { inputs: [retention] };
  const first = rig.start({ application });
  await rig.append(retention, [event(KEY, 1)]);
  await rig.until(() => caughtUp(first), "the first is applied");
  await first.stop();
  await rig.append(retention, [event(KEY, 2)]);
  await rig.pass(60_000);
  await rig.append(retention, [event(KEY, 3)]);
  await rig.drive(rig.log.maintain());
  await rig.pass(60_000);
  await rig.drive(rig.log.maintain());
  expect((await rig.drive(rig.log.offsets(retention, 0))).start).toBeGreaterThan(1);

  const second = rig.start({ application });
  await rig.until(() => second.ended(), "the task ends");
  expect(second.failure()).toMatchObject({ code: "OFFSET_OUT_OF_RANGE" });
  expect(second.turns.filter((turn) => turn.outcomesByInput[0]?.applied !== 0)).toEqual([]);
});

test("an owner that another has fenced commits no more, and asks whether it still owns the partition before it tries again", async () => {
  await using rig = await openRig();
  let asked = 0;
  const gate = new Gate();
  const first = rig.start({
    confirmOwnership: async () => {
      asked++;
      await gate.pass();
    },
  });
  await rig.until(() => caughtUp(first), "the first owner runs");
  gate.close();
  const second = rig.start({ store: await openStore() });
  await rig.until(() => caughtUp(second), "the second owner runs");
  for (let id = 0; id < 5; id++) await rig.append(INPUT, [event(KEY, id)]);
  await rig.until(() => caughtUp(second) && gate.waiting > 0, "the first has noticed");
  await rig.pass(10_000);
  expect(asked).toBe(1);
  expect(first.recoveries).toMatchObject([{ code: "TASK_FENCED" }]);
  expect(first.turns).toEqual([]);
  expect(second.task.status.counts.applied).toBe(5);
});

test("a task that is stopped between attempts ends without asking whether it owns the partition", async () => {
  await using rig = await openRig();
  let asked = 0;
  const owner = rig.start({
    wrapLog: (log) =>
      logWith(log, {
        openWriter: async () => {
          await rig.clock.yield();
          owner.abort();
          throw new TaskFenced("by another");
        },
      }),
    // Nobody answers who has left the group.
    confirmOwnership: () => {
      asked++;
      return Promise.reject(new Error("left the group"));
    },
  });
  await rig.until(() => owner.ended(), "the task ends");
  expect([owner.recoveries.length, owner.failure(), asked]).toEqual([1, null, 0]);
});

test("a commit that is under way when the task is stopped is finished", async () => {
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
  await rig.append(INPUT, [event(KEY, 1), event(KEY, 2, "refuse")]);
  await rig.until(() => gate.waiting > 0, "a commit is under way");
  owner.abort();
  await rig.pass(1_000);
  expect(owner.ended()).toBe(false);
  gate.open();
  await owner.stop();
  expect(owner.task.status.counts).toMatchObject({ applied: 1, deadLetter: 1 });
  expect(await letters(rig)).toHaveLength(1);
  // What was committed is in the store, which was left clean.
  expect(rig.store.get(`p${KEY}`)).toBeDefined();
});

function check(fail: () => boolean): void {
  if (fail()) throw new LogUnavailable("down");
}

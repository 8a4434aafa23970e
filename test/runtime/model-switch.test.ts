import type { Models } from "@tidemark/streams";
import { expect, test } from "vitest";
import { COUNTER_TOPICS } from "../simulation/counter-application.ts";
import { caughtUp, keysOf, openRig, type Owner } from "./rig.ts";

const MODELS = ["counter-1", "counter-2"];
const LIMITS = { sweepKeysMax: 2, sweepKeysLoadedMax: 3, turnIntervalMs: 20, flushEntries: 3 };
const KEYS = keysOf(9);

/** What one process has heard of models. */
class Heard implements Models {
  count: number;
  constructor(count: number) {
    this.count = count;
  }
  get current(): string {
    return MODELS[this.count - 1] ?? "";
  }
  has(id: string): boolean {
    return MODELS.slice(0, this.count).includes(id);
  }
}

test("all states are scored again in the order of their keys, so many a turn, and a restart goes on at the cursor", async () => {
  const models = new Heard(1);
  await using rig = await openRig({ application: { models }, models: MODELS });
  const first = rig.start({ limits: LIMITS });
  await rig.append(
    COUNTER_TOPICS.inputs[0],
    KEYS.map((key, id) => eventOf(key, id)),
  );
  await rig.until(() => caughtUp(first), "all events are applied");
  const turns = first.turns.length;
  models.count = 2;
  await rig.until(
    () => first.turns.filter(({ entry }) => entry.sweepAfter !== null).length >= 2,
    "a sweep is under way",
  );
  first.crash();

  const second = rig.start({ limits: LIMITS });
  await rig.until(() => second.turns.some(({ entry }) => entry.sweepAfter === null), "the sweep has ended");
  const parts = [...first.turns.slice(turns), ...second.turns].filter(({ entry }) => entry.model === "counter-2");
  expect(parts.every(({ rescored }) => rescored <= LIMITS.sweepKeysMax)).toBe(true);
  const cursors = parts.map(({ entry }) => entry.sweepAfter).filter((cursor) => cursor !== null);
  expect(cursors).toEqual([...cursors].sort());
  const rescored = (await rig.read(COUNTER_TOPICS.scores))
    .filter(({ value }) => (JSON.parse(String(value)) as { model: string }).model === "counter-2")
    .map(({ key }) => String(key));
  // Each once, though the first owner died in the middle.
  expect(rescored.slice(0, KEYS.length)).toEqual([...KEYS].sort());
  await rig.check(second);
});

test("a turn with a backlog takes fewer keys of a sweep, and one at least", async () => {
  const models = new Heard(1);
  await using rig = await openRig({ application: { models }, models: MODELS });
  const limits = { ...LIMITS, sweepKeysMax: 8, turnRecordsMax: 4 };
  const owner = rig.start({ limits });
  await rig.append(
    COUNTER_TOPICS.inputs[0],
    KEYS.map((key, id) => eventOf(key, id)),
  );
  await rig.until(() => caughtUp(owner), "all events are applied");
  const turns = owner.turns.length;
  const [busiest = ""] = KEYS;
  models.count = 2;
  await rig.append(
    COUNTER_TOPICS.inputs[0],
    Array.from({ length: 12 }, (_, id) => eventOf(busiest, 100 + id)),
  );
  await rig.until(() => caughtUp(owner) && !owner.task.status.sweeping, "all is applied and scored again");
  const busy = owner.turns.slice(turns).filter(({ outcomesByInput }) => outcomesByInput[0]?.applied === 4);
  expect(busy.length).toBe(3);
  for (const { rescored } of busy) expect(rescored).toBeLessThanOrEqual(1);
  await rig.check(owner);
});

test("an owner that has not heard of the model in its journal is not ready, says so, and goes on when it hears", async () => {
  const models = new Heard(2);
  await using rig = await openRig({ application: { models }, models: MODELS });
  const first = rig.start();
  await rig.append(COUNTER_TOPICS.inputs[0], [eventOf(KEYS[0] ?? "", 1)]);
  await rig.until(() => caughtUp(first), "the event is applied");
  await first.stop();

  const late = new Heard(1);
  const second: Owner = rig.start({ application: { models: late } });
  await rig.append(COUNTER_TOPICS.inputs[0], [eventOf(KEYS[1] ?? "", 2)]);
  await rig.until(() => second.missingModels.length > 0, "it says what it waits for");
  await rig.pass(60_000);
  expect(second.missingModels).toEqual(["counter-2"]);
  expect(second.task.status.state).toBe("restoring");
  expect(second.turns).toEqual([]);
  late.count = 2;
  await rig.until(() => caughtUp(second), "the other event is applied");
  expect(second.turns.every(({ entry }) => entry.model === "counter-2")).toBe(true);
  await rig.check(second);
});

test("a partition without states names the model in force with its next turn, and sweeps nothing", async () => {
  const models = new Heard(1);
  await using rig = await openRig({ application: { models }, models: MODELS });
  const owner = rig.start();
  await rig.append(COUNTER_TOPICS.inputs[0], [{ key: Buffer.from(KEYS[0] ?? ""), value: Buffer.from("{") }]);
  await rig.until(() => caughtUp(owner), "the bad record is a dead letter");
  models.count = 2;
  await rig.until(() => owner.task.status.model === "counter-2", "the journal names it");
  expect(owner.turns.at(-1)).toMatchObject({ rescored: 0, entry: { sweepAfter: null } });
  const turns = owner.turns.length;
  await rig.pass(5_000);
  expect(owner.turns.length).toBe(turns);
  await rig.check(owner);
});

function eventOf(key: string, id: number) {
  return { key: Buffer.from(key), value: Buffer.from(JSON.stringify({ id, amount: 1, kind: "add" })) };
}

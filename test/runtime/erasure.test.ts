import { parseChangelogKey, partitionOf, StoredView, TASK_LIMITS, View } from "@tidemark/streams";
import { expect, test } from "vitest";
import {
  COUNTER_TOPICS,
  counterMarkerKey,
  type CounterMarker,
  ERASING_INPUT,
} from "../simulation/counter-application.ts";
import { PARTITION, PARTITIONS } from "../simulation/runtime.ts";
import {
  caughtUp,
  event,
  json,
  keysOf,
  letters,
  openRig,
  openStore,
  type Owner,
  type Rig,
  statesOf,
  storeWith,
} from "./rig.ts";

const [OTHER, ERASING] = COUNTER_TOPICS.inputs;
const [KEY = "", NEIGHBOUR = ""] = keysOf(2);

test("a key that is erased has no state and no score; its marker says so after a restart with an empty store, and for good", async () => {
  await using rig = await openRig();
  const first = rig.start();
  await applied(rig, first, OTHER, [event(KEY, 1, "add", rig.clock.now()), event(NEIGHBOUR, 2)]);
  const before = (await statesOf(rig)).get(KEY)?.version ?? 0;
  const { at: erasedAt } = await erase(rig, first);
  expect([...(await statesOf(rig)).keys()]).toEqual([NEIGHBOUR]);
  expect((await rig.read(COUNTER_TOPICS.scores)).findLast(({ key }) => text(key) === KEY)?.value).toBeNull();
  await first.stop();

  await rig.store.clear();
  const next = rig.start();
  await applied(rig, next, OTHER, [event(KEY, 3, "add", erasedAt), event(KEY, 1, "add", erasedAt - 5)]);
  expect(next.task.status.counts).toMatchObject({ applied: 3, suppressed: 2 });
  expect((await statesOf(rig)).has(KEY)).toBe(false);

  await applied(rig, next, OTHER, [event(KEY, 4, "add", erasedAt + 1), event(KEY, 5, "add", erasedAt)]);
  expect((await statesOf(rig)).get(KEY)).toMatchObject({ sum: 1, version: before + 1, seen: [4] });
  expect(await markersOf(rig)).toMatchObject([[counterMarkerKey(KEY), { version: before }]]);
  await rig.check(next);
});

test("what throws in the turn that erases a key does not bring it back, nor make a dead letter of the erasure", async () => {
  await using rig = await openRig();
  const first = rig.start();
  await applied(rig, first, ERASING, [event(KEY, 1)]);
  await first.stop();
  const { appendedAt } = await rig.append(ERASING, [event(KEY, 2), { key: Buffer.from(KEY), value: null }]);
  await rig.append(ERASING, [event(KEY, 3, "throw-in-score", appendedAt + 10)]);
  const next = rig.start();
  await rig.until(() => caughtUp(next), "all is taken");
  expect(next.turns).toHaveLength(1);
  expect(await letters(rig)).toEqual([{ topic: ERASING, offset: 3, code: "QUARANTINED" }]);
  expect((await statesOf(rig)).has(KEY)).toBe(false);
  expect(await markersOf(rig)).toHaveLength(1);
  await rig.check(next);
});

test("who is erased soon after another leaves the disk too, ten minutes later, though nothing else is to be stored", async () => {
  await using rig = await openRig();
  let purges = 0;
  const store = storeWith(rig.store, {
    purge: async () => {
      purges++;
      await rig.store.purge();
    },
  });
  const owner = rig.start({ store, limits: { fetchWaitMs: 10_000 } });
  await applied(rig, owner, OTHER, [event(KEY, 1), event(NEIGHBOUR, 2)]);
  await rig.pass(60_000); // What was never stored leaves no trace.
  for (const key of [KEY, NEIGHBOUR]) {
    await applied(rig, owner, ERASING, [{ key: Buffer.from(key), value: null }]);
    await rig.pass(60_000);
    expect([rig.store.get(`p${key}`), purges]).toEqual([undefined, 1]);
  }
  await rig.pass(10 * 60_000);
  expect(purges).toBe(2);
  await rig.pass(60 * 60_000);
  await owner.stop();
  expect(purges).toBe(2);
});

test("a tombstone erases in one input only; a key that could be taken for a marker is refused", async () => {
  await using rig = await openRig();
  const owner = rig.start();
  const odd =
    keysOf(200)
      .map((key) => `\u0000${key}`)
      .find((key) => partitionOf(Buffer.from(key), PARTITIONS) === PARTITION) ?? "";
  await applied(rig, owner, OTHER, [{ key: Buffer.from(KEY), value: null }, event(odd, 1)]);
  expect((await letters(rig)).map(({ code }) => code)).toEqual(["VALUE_MISSING", "KEY_INVALID"]);
  expect(await markersOf(rig)).toEqual([]);
  await owner.stop();
});

test("with another secret than the markers were made with, or none, a task does not go on", async () => {
  await using rig = await openRig();
  const { erasure } = rig.application;
  if (erasure === undefined) throw new Error("the application of this test erases");
  const first = rig.start();
  await erase(rig, first);
  await first.stop();
  for (const secretCheck of ["another", null]) {
    const next = rig.start({ application: { erasure: { ...erasure, secretCheck } } });
    await rig.until(() => next.ended(), "it ends");
    expect(next.failure()).toMatchObject({ code: "ERASURE_SECRET_WRONG" });
  }
});

test("a view tells who is erased, and no more of who has come back", async () => {
  await using rig = await openRig();
  const owner = rig.start();
  const { at } = await erase(rig, owner);
  const stop = new AbortController();
  const [partition, store] = [PARTITION, await openStore()];
  const stored = new StoredView({ partition, store, markerKey: counterMarkerKey, onDamage: unexpected });
  const view = new View({
    log: rig.log,
    topic: COUNTER_TOPICS.changelog,
    partition,
    store,
    clock: rig.clock,
    bootId: "view",
    tickOf: (bytes) => rig.application.journal.decodeEntry(bytes).tickMs,
    limits: TASK_LIMITS,
    onProgress: (progress) => {
      stored.progress = progress;
    },
  });
  const running = view.run(stop.signal);
  await rig.until(() => stored.progress?.ready === true, "the view is ready");
  expect([stored.read(KEY).value, json(stored.read(KEY).marker)]).toMatchObject([null, { version: 0 }]);
  expect(stored.read(NEIGHBOUR).marker).toBeNull();
  await applied(rig, owner, OTHER, [event(KEY, 1, "add", at + 1)]);
  await rig.until(() => stored.read(KEY).value !== null, "the view has it");
  expect(stored.read(KEY).marker).toBeNull();
  stop.abort();
  await rig.drive(running);
  await owner.stop();
});

/** @returns when the tombstone was appended */
async function erase(rig: Rig, owner: Owner): Promise<{ readonly at: number }> {
  expect(ERASING).toBe(COUNTER_TOPICS.inputs[ERASING_INPUT]);
  const { appendedAt } = await rig.append(ERASING, [{ key: Buffer.from(KEY), value: null }]);
  await rig.until(() => caughtUp(owner), "the erasure is taken");
  return { at: appendedAt };
}

async function applied(rig: Rig, owner: Owner, topic: string, records: Parameters<Rig["append"]>[1]): Promise<void> {
  await rig.until(() => caughtUp(owner), "the task runs");
  await rig.append(topic, records);
  await rig.until(() => caughtUp(owner), "all is taken");
}

async function markersOf(rig: Rig): Promise<(readonly [string, CounterMarker])[]> {
  const markers: (readonly [string, CounterMarker])[] = [];
  for (const { key, value } of await rig.read(COUNTER_TOPICS.changelog)) {
    const parsed = parseChangelogKey(key ?? new Uint8Array());
    if (parsed?.kind === "marker") markers.push([parsed.key, json(value) as CounterMarker]);
  }
  return markers;
}

function text(key: Uint8Array | null): string {
  return Buffer.from(key ?? []).toString();
}

function unexpected(cause: unknown): never {
  throw cause;
}

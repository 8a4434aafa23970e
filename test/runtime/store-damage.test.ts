import { expect, test } from "vitest";
import { COUNTER_TOPICS } from "../simulation/counter-application.ts";
import { caughtUp, event, keysOf, openRig, type Owner, type Rig, statesOf, storeWith } from "./rig.ts";

const [INPUT] = COUNTER_TOPICS.inputs;
/** Nothing is written beside the turns; a clean stop or a test's limits write the store. */
const LAZY = { flushEntries: 1e6, flushIntervalMs: 1e9, scrubDelayMs: 0 };

test("a flipped byte in a stored row is found when the row is read: the store is wiped and restored", async () => {
  await using rig = await openRig();
  const [key = "", neighbour = ""] = keysOf(2);
  await stopWithStore(rig, [key, neighbour], LAZY);
  const row = `p${key}`;
  const bytes = Buffer.from(rig.store.get(row) ?? []);
  bytes[bytes.length - 3] = (bytes[bytes.length - 3] ?? 0) ^ 1;
  await rig.store.write([{ key: row, value: bytes }], { sync: true });

  const owner = rig.start();
  await rig.append(INPUT, [event(key, 100)]);
  await rig.until(() => owner.recoveries.length > 0 && caughtUp(owner), "the damage is found and mended");
  expect(owner.recoveries).toMatchObject([{ code: "STATE_CORRUPTED" }]);
  await rig.check(owner);
});

test.each([
  ["removed", async (rig: Rig, key: string) => rig.store.write([{ key: `p${key}`, value: null }], { sync: true })],
  ["added", async (rig: Rig, key: string) => copyRow(rig, key)],
])("a row %s behind the store's back is found by the scrub while turns go on", async (_, damage) => {
  await using rig = await openRig();
  const [key = "", busy = ""] = keysOf(2);
  const first = await applied(rig, [key, busy], { flushEntries: 1 });
  first.crash();
  await damage(rig, key);

  // Of the damaged key nothing is heard: only the scrub can find it.
  const owner = rig.start({ limits: LAZY });
  for (let id = 10; id < 20; id++) await rig.append(INPUT, [event(busy, id)]);
  await rig.until(() => owner.recoveries.length > 0 && caughtUp(owner), "the scrub has found it");
  expect(owner.recoveries).toMatchObject([{ code: "STATE_CORRUPTED" }]);
  await rig.check(owner);
});

test("a row that fell back to what it was before is found by the scrub", async () => {
  // Without timers, whose rows change with nearly every state.
  await using rig = await openRig({ application: { score: () => true } });
  const [key = "", busy = ""] = keysOf(2);
  const first = rig.start({ limits: { flushEntries: 1 } });
  await rig.append(INPUT, [event(key, 1), event(busy, 2)]);
  await rig.until(() => caughtUp(first) && rig.store.get(`p${key}`) !== undefined, "both are stored");
  const before = rig.store.get(`p${key}`) ?? null;
  await rig.append(INPUT, [event(key, 3)]);
  await rig.until(() => caughtUp(first) && rig.store.get(`p${key}`)?.length !== before?.length, "the next is stored");
  first.crash();
  await rig.store.write([{ key: `p${key}`, value: before }], { sync: true });

  const owner = rig.start({ limits: LAZY });
  await rig.append(INPUT, [event(busy, 4)]);
  await rig.until(() => owner.recoveries.length > 0 && caughtUp(owner), "the scrub has found it");
  expect(owner.recoveries).toMatchObject([{ code: "STATE_CORRUPTED" }]);
  await owner.stop();
  expect((await statesOf(rig)).get(key)?.sum).toBe(2);
});

test("two rows that changed places are found by the scrub", async () => {
  await using rig = await openRig({ application: { score: () => true } });
  const [one = "", other = ""] = keysOf(2);
  const first = rig.start({ limits: { flushEntries: 1 } });
  await rig.append(INPUT, [event(one, 1), event(other, 2), event(other, 3)]);
  await rig.until(() => caughtUp(first) && rig.store.get(`p${other}`) !== undefined, "both are stored");
  await rig.pass(10_000);
  first.crash();
  const [a, b] = [rig.store.get(`p${one}`) ?? null, rig.store.get(`p${other}`) ?? null];
  await rig.store.write(
    [
      { key: `p${one}`, value: b },
      { key: `p${other}`, value: a },
    ],
    { sync: true },
  );
  const owner = rig.start({ limits: LAZY });
  await rig.until(() => owner.recoveries.length > 0 && caughtUp(owner), "the scrub has found it");
  expect(owner.recoveries).toMatchObject([{ code: "STATE_CORRUPTED" }]);
  await owner.stop();
});

test("the scrub raises no false alarm while flushes add, change and remove rows", async () => {
  for (let seed = 0; seed < 8; seed++) {
    await using rig = await openRig({ seed });
    const keys = keysOf(800);
    const first = await applied(rig, keys.slice(0, 700), { flushEntries: 1 });
    first.crash();
    let scans = 0;
    const store = storeWith(rig.store, {
      scan: async (range) => {
        if (range.from >= "p" && range.to === "u") scans++;
        await rig.clock.yield();
        const rows = await rig.store.scan(range);
        await rig.clock.yield();
        return rows;
      },
      write: async (changes, options) => {
        await rig.clock.yield();
        await rig.store.write(changes, options);
        await rig.clock.yield();
      },
    });
    const owner = rig.start({
      store,
      limits: { flushEntries: 5, flushIntervalMs: 1, turnRecordsMax: 40, scrubDelayMs: 0 },
    });
    // Old keys before and behind the scrub's cursor, and new ones.
    for (let n = 0; n < 30; n++) {
      const some = keys.filter((_, index) => index % 40 === n);
      await rig.append(
        INPUT,
        some.map((key, index) => event(key, 5_000 + n * 100 + index)),
      );
    }
    await rig.until(() => caughtUp(owner) && scans > 3, "the scrub has gone over all rows");
    expect(owner.recoveries).toEqual([]);
  }
});

test.each([
  ["of a large store", 2_200, 5_000],
  ["of a small store", 2, 0],
])("after an unclean stop the scrub %s lets the start have its time: %i keys, %i ms", async (_, count, delayMs) => {
  await using rig = await openRig();
  const first = await applied(rig, keysOf(count), { flushEntries: 1 });
  await rig.pass(1_000);
  first.crash();
  const scrubbedAt: number[] = [];
  const store = storeWith(rig.store, {
    scan: (range) => {
      if (range.from < "t" && range.to === "u") scrubbedAt.push(rig.clock.monotonic());
      return rig.store.scan(range);
    },
  });
  const startedAt = rig.clock.monotonic();
  const owner = rig.start({ store, limits: { scrubDelayMs: 5_000 } });
  await rig.until(() => caughtUp(owner) && scrubbedAt.length > 0, "it is scrubbed");
  const waitedMs = (scrubbedAt[0] ?? 0) - startedAt;
  expect([waitedMs >= delayMs, waitedMs < delayMs + 1_000]).toEqual([true, true]);
  await rig.check(owner);
});

test("a stop before the scrub has seen all rows does not call the store clean", async () => {
  await using rig = await openRig();
  const keys = keysOf(1_000);
  const first = await applied(rig, keys, { flushEntries: 1 });
  first.crash();
  await rig.store.write([{ key: `p${keys[0] ?? ""}`, value: null }], { sync: true });

  // The scan of the scrub does not get to its end before the stop.
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const store = storeWith(rig.store, {
    scan: async (range) => {
      if (range.to === "u" && range.from > "p\u0000") await held;
      return rig.store.scan(range);
    },
  });
  const second = rig.start({ store, limits: { scrubDelayMs: 0 } });
  await rig.until(() => caughtUp(second), "the task runs");
  second.abort();
  release();
  await second.stop();

  const third = rig.start();
  await rig.until(() => third.recoveries.length > 0 && caughtUp(third), "the damage is found");
  expect(third.recoveries).toMatchObject([{ code: "STATE_CORRUPTED" }]);
  await rig.check(third);
});

/** An owner that has applied an event of each key and has written its store. */
async function applied(rig: Rig, keys: readonly string[], limits: object): Promise<Owner> {
  const owner = rig.start({ limits });
  await rig.append(
    INPUT,
    keys.map((key, id) => event(key, id)),
  );
  await rig.until(() => caughtUp(owner), "the events are applied");
  await rig.pass(10_000);
  return owner;
}

async function stopWithStore(rig: Rig, keys: readonly string[], limits: object): Promise<void> {
  const owner = await applied(rig, keys, limits);
  await owner.stop();
}

async function copyRow(rig: Rig, key: string): Promise<void> {
  await rig.store.write([{ key: `p${key}-copy`, value: rig.store.get(`p${key}`) ?? null }], { sync: true });
}

import type { StateStore } from "@tidemark/streams";
import { expect, test } from "vitest";
import { COUNTER_TOPICS } from "../simulation/counter-application.ts";
import { caughtUp, event, keysOf, openRig, type Rig, storeWith } from "./rig.ts";

const [INPUT] = COUNTER_TOPICS.inputs;

test.each([
  // The first is made before the first turn, when the timers are loaded.
  [1_300, 2],
  [1_300, 3],
  [5_600, 8],
])("a crash in a flush of %i states after %i atomic writes loses and doubles nothing", async (count, writes) => {
  await using rig = await openRig();
  const keys = keysOf(count);
  const crashing = crashingAfter(rig, writes);
  // All in one flush, that of the stop.
  const first = rig.start({
    store: crashing.store,
    limits: { flushEntries: 1e6, flushIntervalMs: 1e9, fetchBytesMax: 1e6 },
  });
  await rig.append(
    INPUT,
    keys.map((key, id) => event(key, id)),
  );
  await rig.until(() => caughtUp(first), "all are applied");
  first.abort();
  await rig.until(() => crashing.hung(), "the flush has come so far");
  first.crash();
  const stored = (await rig.store.scan({ from: "p", to: "q", limit: 1e5 })).length;
  expect([stored > 0, stored < count]).toEqual([true, true]);

  const second = rig.start();
  await rig.append(
    INPUT,
    keys.slice(0, 200).map((key, id) => event(key, 10_000 + id)),
  );
  await rig.until(() => caughtUp(second), "the next are applied");
  expect(second.recoveries).toEqual([]);
  await rig.check(second);
});

test("an atomic write never holds more than its bound of states", async () => {
  await using rig = await openRig();
  const sizes: number[] = [];
  const store = storeWith(rig.store, {
    write: async (changes, options) => {
      sizes.push(changes.filter(({ key }) => key.startsWith("p")).length);
      await rig.store.write(changes, options);
    },
  });
  const owner = rig.start({ store, limits: { flushEntries: 1e6, flushIntervalMs: 1e9 } });
  await rig.append(
    INPUT,
    keysOf(1_700).map((key, id) => event(key, id)),
  );
  await rig.until(() => caughtUp(owner), "all are applied");
  await owner.stop();
  expect(sizes.filter((size) => size > 0)).toEqual([500, 500, 500, 200]);
});

test.each([
  [100, false],
  [40, true],
])(
  "of 60 states that a killed owner had not stored, with a bound of %i, some are stored before the next is at work: %s",
  async (dirtyEntriesMax, isStored) => {
    await using rig = await openRig();
    const keys = keysOf(60);
    const first = rig.start({ limits: { flushEntries: 1e6, flushIntervalMs: 1e9 } });
    await rig.append(
      INPUT,
      keys.map((key, id) => event(key, id)),
    );
    await rig.until(() => caughtUp(first), "all are applied");
    first.crash();
    const statesWhen: (string | undefined)[] = [];
    const store = storeWith(rig.store, {
      write: async (changes, options) => {
        statesWhen.push(second.states.at(-1));
        await rig.store.write(changes, options);
      },
    });
    const second = rig.start({ store, limits: { flushEntries: 10, dirtyEntriesMax } });
    await rig.until(() => caughtUp(second) && statesWhen.length > 0, "the next is at work");
    expect(statesWhen.includes("restoring")).toBe(isStored);
    await rig.check(second);
  },
);

test("states that are evicted while a turn works on them are not lost", async () => {
  for (let seed = 0; seed < 8; seed++) {
    await using rig = await openRig({ seed });
    const keys = keysOf(120);
    const store = slow(rig);
    const owner = rig.start({
      store,
      // Every 32 records the turn gives way, and flushes that evict go on beside it.
      limits: { cachedEntriesMax: 3, sliceMsMax: -1, flushEntries: 5, flushIntervalMs: 1, turnRecordsMax: 150 },
    });
    for (let id = 0; id < 900; id += 90) {
      await rig.append(
        INPUT,
        Array.from({ length: 90 }, (_, n) => event(keys[(id * 7 + n * 11) % keys.length] ?? "", id + n)),
      );
      await rig.pass(rig.scheduler.random.integer(40));
    }
    await rig.check(owner);
    expect(owner.task.status.counts.applied).toBe(900);
  }
});

test("what was changed last is stored after the interval, though nothing more comes in", async () => {
  await using rig = await openRig({ application: { score: () => true } }); // No timers.
  const [key = ""] = keysOf(1);
  const owner = rig.start({ limits: { flushIntervalMs: 3_000 } });
  await rig.until(() => caughtUp(owner), "the task runs");
  await rig.pass(10_000);
  await rig.append(INPUT, [event(key, 2)]);
  await rig.append(INPUT, [event(key, 4)]);
  await rig.until(() => owner.task.status.counts.applied === 2, "both are applied");
  await rig.pass(4_000);
  expect(Buffer.from(rig.store.get(`p${key}`) ?? []).toString()).toContain('"count":2');
  await owner.stop();
});

/** A store whose writes hang for ever once so many were made. */
function crashingAfter(rig: Rig, writes: number): { readonly store: StateStore; readonly hung: () => boolean } {
  let made = 0;
  let hung = false;
  const store = storeWith(rig.store, {
    write: async (changes, options) => {
      if (made === writes) {
        hung = true;
        await new Promise<never>(() => undefined);
      }
      made++;
      await rig.store.write(changes, options);
    },
  });
  return { store, hung: () => hung };
}

/** A store whose writes take their time, so that other things happen meanwhile. */
function slow(rig: Rig): StateStore {
  return storeWith(rig.store, {
    write: async (changes, options) => {
      await rig.clock.yield();
      await rig.store.write(changes, options);
      await rig.clock.yield();
    },
  });
}

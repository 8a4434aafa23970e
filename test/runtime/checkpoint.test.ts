import { crc32 } from "node:zlib";
import { expect, test } from "vitest";
import type { StateStore } from "@tidemark/streams";
import { COUNTER_TOPICS } from "../simulation/counter-application.ts";
import {
  caughtUp,
  event,
  Gate,
  json,
  keysOf,
  logWith,
  openRig,
  openStore,
  type Owner,
  type OwnerOptions,
  type Rig,
  storeWith,
} from "./rig.ts";

const [INPUT] = COUNTER_TOPICS.inputs;
const HOUR_MS = 3_600_000;
const STALE = { checkpointStaleMsMax: 12 * HOUR_MS };
/** Writes the store after each turn. */
const EAGER = { ...STALE, flushEntries: 1 };
const [KEY = "", ...OTHERS] = keysOf(41);

test("a store that was left clean is kept, also when the machine was started anew", async () => {
  await using rig = await openRig();
  await leaveStore(rig, "clean");
  const kept = await startAndSeeWhetherKept(rig, { bootId: "boot-2" });
  expect(kept).toBe(true);
});

test("after a crash the store is kept while the machine's boot is the same", async () => {
  await using rig = await openRig();
  await leaveStore(rig, "crashed");
  expect(await startAndSeeWhetherKept(rig, { bootId: "boot-1" })).toBe(true);
});

test("after a crash and another boot the store is wiped, since what was not synced may be missing", async () => {
  await using rig = await openRig();
  await leaveStore(rig, "crashed");
  expect(await startAndSeeWhetherKept(rig, { bootId: "boot-2" })).toBe(false);
});

test("a store that is older than the bound is wiped: it may have missed tombstones (R18)", async () => {
  await using rig = await openRig();
  await leaveStore(rig, "clean");
  await rig.pass(13 * HOUR_MS);
  expect(await startAndSeeWhetherKept(rig, {})).toBe(false);
});

test("a store that is younger than the bound is kept", async () => {
  await using rig = await openRig();
  await leaveStore(rig, "clean");
  await rig.pass(11 * HOUR_MS);
  expect(await startAndSeeWhetherKept(rig, {})).toBe(true);
});

test("a store written while the clock was a day ahead is wiped: how old it is, nobody knows", async () => {
  await using rig = await openRig();
  rig.shiftClock(24 * HOUR_MS);
  await leaveStore(rig, "clean");
  rig.shiftClock(0);
  expect(await startAndSeeWhetherKept(rig, {})).toBe(false);
});

test("a restore that was interrupted does not make a store younger (R18)", async () => {
  await using rig = await openRig();
  const old = await openStore();
  await leaveStore(rig, "clean", old);
  // Elsewhere the partition is worked on; the old store knows nothing of it.
  const elsewhere = rig.start({ limits: EAGER });
  await rig.append(
    INPUT,
    OTHERS.map((key, id) => event(key, 100 + id)),
  );
  await rig.until(() => caughtUp(elsewhere), "the others are applied");
  await elsewhere.stop();

  await rig.pass(11 * HOUR_MS);
  // The restore writes what it has read, and is killed in the middle.
  let writes = 0;
  const interrupted = rig.start({
    store: storeWith(old, {
      write: async (changes, options) => {
        await old.write(changes, options);
        writes++;
        await new Promise<never>(() => undefined);
      },
    }),
    limits: { ...STALE, dirtyEntriesMax: 5 },
  });
  await rig.until(() => writes > 0, "a part is restored");
  interrupted.crash();

  // By now what was deleted just after the first stop may be without its tombstone.
  await rig.pass(11 * HOUR_MS);
  expect(await startAndSeeWhetherKept(rig, { store: old })).toBe(false);
});

test("an owner that stood still while another took over does not make its store younger when it leaves (R18)", async () => {
  await using rig = await openRig();
  const store = await openStore();
  const { owner: frozen, gate } = await freeze(rig, store);
  const other = rig.start({ limits: EAGER });
  await rig.until(() => caughtUp(other), "another took over");
  await other.stop();
  await rig.pass(13 * HOUR_MS);
  // It has been told that the partition is not its own any more, before it heard so from the log.
  frozen.abort();
  gate.open();
  await rig.until(() => frozen.ended(), "it has left");
  expect(frozen.failure()).toBe(null);
  expect(await startAndSeeWhetherKept(rig, { store })).toBe(false);
});

test("a store is as young as when the partition was last taken over: nobody else wrote before (R18)", async () => {
  await using rig = await openRig();
  await leaveStore(rig, "clean");
  await rig.pass(11 * HOUR_MS);
  const owner = rig.start({ limits: EAGER });
  await rig.until(() => caughtUp(owner), "it owns the partition again");
  await owner.stop();
  await rig.pass(11 * HOUR_MS);
  expect(await startAndSeeWhetherKept(rig, {})).toBe(true);
});

test("a store is as young as the newest commit (R18)", async () => {
  await using rig = await openRig();
  await leaveStore(rig, "clean");
  await rig.pass(11 * HOUR_MS);
  const { owner, gate } = await freeze(rig, rig.store);
  await rig.pass(11 * HOUR_MS);
  gate.open();
  await rig.append(INPUT, [event(OTHERS[0] ?? "", 7)]);
  await rig.until(() => caughtUp(owner), "another event is applied");
  await owner.stop();
  await rig.pass(11 * HOUR_MS);
  expect(await startAndSeeWhetherKept(rig, {})).toBe(true);
});

test("a store of newer code is refused, not wiped", async () => {
  await using rig = await openRig();
  await leaveStore(rig, "clean");
  await changeFormat(rig, 1);
  const owner = rig.start();
  await rig.until(() => owner.ended(), "the task ends");
  expect(owner.failure()).toMatchObject({ code: "VERSION_TOO_NEW" });
  expect(rig.store.get(`p${KEY}`)).toBeDefined();
});

test("a store of an older format is made anew", async () => {
  await using rig = await openRig();
  await leaveStore(rig, "clean");
  await changeFormat(rig, -1);
  expect(await startAndSeeWhetherKept(rig, { bootId: "boot-1" })).toBe(false);
});

/** @param by how much newer the store's format seems then */
async function changeFormat(rig: Rig, by: number): Promise<void> {
  const checkpoint = json(rig.store.get("m")?.subarray(4)) as { readonly formatVersion: number };
  const changed = Buffer.from(JSON.stringify({ ...checkpoint, formatVersion: checkpoint.formatVersion + by }));
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32LE(crc32(changed));
  await rig.store.write([{ key: "m", value: Buffer.concat([checksum, changed]) }], { sync: true });
}

test("a store of another log, further on than this one, is wiped", async () => {
  const store = await openStore();
  {
    await using other = await openRig();
    await leaveStore(other, "clean", store);
  }
  await using rig = await openRig();
  await store.write([{ key: "pforeign", value: Buffer.from("no state of this log") }], { sync: true });
  const owner = rig.start({ store, limits: STALE });
  await rig.until(() => caughtUp(owner), "the task runs");
  expect([store.get("pforeign"), store.get(`p${KEY}`)]).toEqual([undefined, undefined]);
  expect(owner.storesDropped).toEqual(["AHEAD_OF_LOG"]);
});

test("a store whose checkpoint is damaged is made anew, and it is told", async () => {
  await using rig = await openRig();
  await leaveStore(rig, "clean");
  const damaged = Buffer.from(rig.store.get("m") ?? []);
  damaged[damaged.length - 2] = 0;
  await rig.store.write([{ key: "m", value: damaged }], { sync: true });
  const owner = rig.start({ limits: STALE });
  await rig.until(() => caughtUp(owner), "the task runs");
  expect(owner.storesDropped).toEqual(["UNREADABLE"]);
});

/** Applies an event and leaves the store as a clean stop or a crash does. */
async function leaveStore(rig: Rig, how: "clean" | "crashed", store: StateStore = rig.store): Promise<void> {
  const owner = rig.start({ store, limits: EAGER });
  await rig.append(INPUT, [event(KEY, 1)]);
  await rig.until(() => caughtUp(owner) && store.get(`p${KEY}`) !== undefined, "the event is applied and stored");
  await rig.pass(10_000);
  if (how === "clean") await owner.stop();
  else owner.crash();
}

/** An owner that has applied an event and then hears nothing of the log until the gate is opened. */
async function freeze(rig: Rig, store: StateStore): Promise<{ readonly owner: Owner; readonly gate: Gate }> {
  const gate = new Gate();
  const owner = rig.start({
    store,
    limits: EAGER,
    wrapLog: (log) =>
      logWith(log, {
        fetch: async (positions, options) => {
          const slices = await log.fetch(positions, options);
          await gate.pass();
          return slices;
        },
      }),
  });
  await rig.append(INPUT, [event(KEY, 1)]);
  await rig.until(() => caughtUp(owner), "the event is applied");
  await rig.pass(10_000);
  gate.close();
  await rig.until(() => gate.waiting > 0, "it stands still");
  return { owner, gate };
}

/** Starts an owner that goes on from the store, and looks whether that was emptied first. The results are right either way. */
async function startAndSeeWhetherKept(rig: Rig, options: OwnerOptions): Promise<boolean> {
  const beneath = options.store ?? rig.store;
  let cleared = false;
  const store = storeWith(beneath, {
    clear: async () => {
      cleared = true;
      await beneath.clear();
    },
  });
  const owner = rig.start({ ...options, store, limits: { ...STALE, ...options.limits } });
  await rig.append(INPUT, [event(KEY, 2)]);
  await rig.until(() => caughtUp(owner), "the next event is applied");
  // What is made anew for a reason that is known is no news.
  expect([owner.recoveries, owner.storesDropped]).toEqual([[], []]);
  const [last] = (await rig.read(COUNTER_TOPICS.scores)).filter(({ key }) => String(key) === KEY).slice(-1);
  expect(json(last?.value)).toMatchObject({ sum: 2 });
  return !cleared;
}

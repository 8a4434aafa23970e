import { StoreUnavailable, type StateStore } from "@tidemark/streams";
import { expect, test } from "vitest";
import { COUNTER_TOPICS } from "../simulation/counter-application.ts";
import { caughtUp, event, keysOf, openRig, type Owner, type Rig, statesOf, storeWith } from "./rig.ts";

const [INPUT] = COUNTER_TOPICS.inputs;
/** A flush of so many states has three atomic writes. */
const COUNT = 1_300;

test.each([
  ["is full before anything of it", 0, "not written"],
  ["is full in the middle of it", 1, "not written"],
  ["is full at its last write", 2, "not written"],
  ["fails in the middle of it, and has it all the same", 1, "written"],
  ["fails at its last write, and has it all the same", 2, "written"],
] as const)(
  "a store whose disk %s is opened again until it can be written; the task goes on, and nothing is lost or doubled",
  async (_, writesBefore, fault) => {
    await using rig = await openRig();
    const disk = faultyDisk(rig.store);
    const owner = rig.start({ store: disk.store, limits: { flushEntries: COUNT, flushIntervalMs: 5_000 } });
    await rig.until(() => caughtUp(owner), "the task runs");
    const keys = keysOf(COUNT);
    disk.fill(writesBefore, fault);
    await append(rig, keys, 0);
    await rig.until(() => disk.reopened() >= 3, "it is tried again, and again");
    expect(owner.ended()).toBe(false);
    // Without its store it says nothing of its lag, and so is not ready.
    expect(owner.task.lag).toEqual([]);
    await append(rig, keys.slice(0, 200), 10_000);
    await rig.pass(60_000);
    // Ever more seldom.
    expect(disk.reopened()).toBeLessThan(30);
    disk.makeRoom();
    await rig.until(() => caughtUp(owner) && (owner.task.status.counts.applied ?? 0) === COUNT + 200, "it has gone on");
    expect(codesOf(owner)).toEqual(["STORE_UNAVAILABLE"]);
    await rig.check(owner);
    expect((await statesOf(rig)).size).toBe(COUNT);
  },
);

test("a partition in which nothing happens any more is told of its full disk too, and stores what it had", async () => {
  await using rig = await openRig({ application: { score: () => true } }); // No timers.
  const [key = ""] = keysOf(1);
  const disk = faultyDisk(rig.store);
  const owner = rig.start({ store: disk.store, limits: { flushIntervalMs: 100 } });
  await rig.until(() => caughtUp(owner), "the task runs");
  disk.fill(0, "not written");
  await append(rig, [key], 1);
  await rig.until(() => disk.reopened() > 0, "the store is opened again, though nothing else comes in");
  disk.makeRoom();
  await rig.until(() => caughtUp(owner) && rig.store.get(`p${key}`) !== undefined, "it is stored");
  await owner.stop();
  expect((await statesOf(rig)).get(key)?.sum).toBe(1);
});

test("a damaged store that cannot be wiped for want of room is wiped once it can", async () => {
  await using rig = await openRig();
  const [key = "", other = ""] = keysOf(2);
  const first = rig.start();
  await append(rig, [key, other], 0);
  await rig.until(() => caughtUp(first), "both are applied");
  await first.stop();
  const bytes = Buffer.from(rig.store.get(`p${key}`) ?? []);
  bytes[bytes.length - 3] = (bytes[bytes.length - 3] ?? 0) ^ 1;
  await rig.store.write([{ key: `p${key}`, value: bytes }], { sync: true });

  const disk = faultyDisk(rig.store);
  disk.fill(0, "not written");
  const owner = rig.start({ store: disk.store });
  await append(rig, [key], 100);
  await rig.until(() => disk.reopened() >= 3, "it is tried again, and again");
  disk.makeRoom();
  await rig.until(() => caughtUp(owner) && owner.task.status.counts.applied === 3, "it is mended");
  expect(codesOf(owner)).toContain("STATE_CORRUPTED");
  await rig.check(owner);
});

test("a task that is stopped while its store cannot be written ends well, and the next goes on from the log", async () => {
  await using rig = await openRig();
  const keys = keysOf(40);
  const disk = faultyDisk(rig.store);
  const first = rig.start({ store: disk.store, limits: { flushEntries: 1e6, flushIntervalMs: 1e9 } });
  await append(rig, keys, 0);
  await rig.until(() => caughtUp(first), "all are applied");
  disk.fill(0, "written");
  await first.stop();
  expect(codesOf(first)).toEqual(["STORE_UNAVAILABLE"]);
  disk.makeRoom();
  const second = rig.start();
  await append(rig, keys, 1_000);
  await rig.until(() => caughtUp(second), "the next has gone on");
  expect(second.recoveries).toEqual([]);
  await rig.check(second);
});

test("a task that is stopped while it waits for room ends at once", async () => {
  await using rig = await openRig();
  const disk = faultyDisk(rig.store);
  const owner = rig.start({ store: disk.store, limits: { flushIntervalMs: 100 } });
  await rig.until(() => caughtUp(owner), "the task runs");
  disk.fill(0, "not written");
  await append(rig, keysOf(3), 0);
  await rig.until(() => disk.reopened() >= 3, "it waits");
  const startedAt = rig.clock.monotonic();
  await owner.stop();
  expect(rig.clock.monotonic() - startedAt).toBeLessThan(50);
});

interface FaultyDisk {
  /** Keeps the promises of a store: after a write that failed there is no other until it is opened again. */
  readonly store: StateStore;
  /** How often it was to be opened again. */
  reopened(): number;
  /** After so many more writes there is no room, or so the disk says. */
  fill(writesBefore: number, fault: "not written" | "written"): void;
  makeRoom(): void;
}

function faultyDisk(store: StateStore): FaultyDisk {
  let writesLeft = Number.POSITIVE_INFINITY;
  let fault: "not written" | "written" = "not written";
  let failed = false;
  let reopened = 0;
  const requireRoom = (): void => {
    if (writesLeft <= 0) throw new StoreUnavailable("no space");
  };
  return {
    store: storeWith(store, {
      write: async (changes, options) => {
        if (failed) throw new StoreUnavailable("a write has failed");
        if (writesLeft <= 0) {
          failed = true;
          if (fault === "written") await store.write(changes, options);
          throw new StoreUnavailable("no space");
        }
        writesLeft--;
        await store.write(changes, options);
      },
      clear: async () => {
        requireRoom();
        await store.clear();
        failed = false;
      },
      reopen: async () => {
        reopened++;
        requireRoom();
        await store.reopen();
        failed = false;
      },
    }),
    reopened: () => reopened,
    fill: (writesBefore, how) => {
      writesLeft = writesBefore;
      fault = how;
    },
    makeRoom: () => {
      writesLeft = Number.POSITIVE_INFINITY;
    },
  };
}

async function append(rig: Rig, keys: readonly string[], idFirst: number): Promise<void> {
  await rig.append(
    INPUT,
    keys.map((key, index) => event(key, idFirst + index)),
  );
}

/** Of what it recovered from, each once. */
function codesOf({ recoveries }: Owner): readonly unknown[] {
  return [...new Set(recoveries.map((error) => (error as { readonly code?: unknown }).code))];
}

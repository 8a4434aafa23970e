import { expect, test } from "vitest";
import type { StateStore } from "@tidemark/streams";
// How much it holds in memory cannot be seen through the front door.
import { StateTable } from "../../packages/streams/src/state-table.ts";
import { Gate, openRig, openStore, type Rig, storeWith } from "./rig.ts";

const POSITION = { offset: 1, journal: null, aggregate: null };
const MAX = 100;

test("entries that are only looked at stay within the bound, though nothing is ever written", async () => {
  await using rig = await openRig();
  const table = await openTable(rig, await openStore());
  for (let n = 0; n < 10 * MAX; n++) {
    table.load(`key-${n}`);
    table.trim();
  }
  expect(table.size).toBeLessThanOrEqual(1.25 * MAX);
});

test("entries that are all used again and again stay within the bound too", async () => {
  await using rig = await openRig();
  const table = await openTable(rig, await openStore());
  for (let round = 0; round < 4; round++) {
    for (let n = 0; n < 6 * MAX; n++) table.load(`key-${n >> 1}`);
    table.publish(table.load("changed"), Buffer.from(`${round}`));
    await table.flush(POSITION, { clean: false });
    expect(table.size).toBeLessThanOrEqual(MAX);
  }
});

test("what was changed last stays when others can go", async () => {
  await using rig = await openRig();
  const table = await openTable(rig, await openStore());
  const changed = table.load("changed");
  for (let n = 0; n < 2 * MAX; n++) table.load(`key-${n}`);
  table.publish(changed, Buffer.from("state"));
  await table.flush(POSITION, { clean: false });
  expect(table.load("changed")).toBe(changed);
});

test("what is not stored yet is never evicted, neither before a flush nor while it is under way", async () => {
  await using rig = await openRig();
  const beneath = await openStore();
  const gate = new Gate();
  const store = storeWith(beneath, {
    write: async (changes, options) => {
      await gate.pass();
      await beneath.write(changes, options);
    },
  });
  const table = await openTable(rig, store);
  for (let n = 0; n < 2 * MAX; n++) table.publish(table.load(`dirty-${n}`), Buffer.from(`state ${n}`));
  gate.close();
  const flushing = table.flush(POSITION, { clean: false });
  await rig.until(() => gate.waiting === 1, "the flush is under way");
  for (let n = 0; n < 2 * MAX; n++) {
    table.load(`clean-${n}`);
    table.trim();
  }
  for (let n = 0; n < 2 * MAX; n++) expect(String(table.read(`dirty-${n}`))).toBe(`state ${n}`);
  gate.open();
  await rig.drive(flushing);
  expect(table.size).toBeLessThanOrEqual(MAX);
  for (let n = 0; n < 2 * MAX; n++) expect(String(table.read(`dirty-${n}`))).toBe(`state ${n}`);
});

test("what was read ahead is loaded without the store, also what is not there", async () => {
  await using rig = await openRig();
  const beneath = await openStore();
  const reads: string[] = [];
  const store = storeWith(beneath, {
    get: (key) => {
      reads.push(key);
      return beneath.get(key);
    },
  });
  const table = await openTable(rig, store);
  await storeStates(table, [0, 1, 2, 3, 4]);
  const keys = ["key-0", "key-1", "key-2", "key-3", "never-there"];
  await table.prefetch(keys);
  reads.length = 0;
  const loaded = keys.map((key) => table.load(key).bytes);
  expect(loaded.map((bytes) => (bytes === null ? null : String(bytes)))).toEqual(["0", "1", "2", "3", null]);
  expect(reads).toEqual([]);
  table.load("key-4");
  expect(reads).toHaveLength(1);
});

test("what was read ahead does not take the place of what was changed and stored meanwhile", async () => {
  await using rig = await openRig();
  const beneath = await openStore();
  const gate = new Gate();
  const store = storeWith(beneath, {
    getMany: async (keys) => {
      const rows = await beneath.getMany(keys);
      await gate.pass();
      return rows;
    },
  });
  const table = await openTable(rig, store);
  await storeStates(table, [0, 1, 2, 3]);
  gate.close();
  const reading = table.prefetch(["key-0", "key-1", "key-2", "key-3"]);
  await rig.until(() => gate.waiting === 1, "the store was asked");
  table.publish(table.load("key-0"), Buffer.from("in memory"));
  table.publish(table.load("key-1"), Buffer.from("stored"));
  await table.flush(POSITION, { clean: false });
  table.publish(table.load("key-0"), Buffer.from("in memory still"));
  await evictAll(table);
  gate.open();
  await rig.drive(reading);
  expect(String(table.load("key-0").bytes)).toBe("in memory still");
  expect(String(table.load("key-1").bytes)).toBe("stored");
});

/** States of the numbers' own texts, stored and not in memory any more. */
async function storeStates(table: StateTable, numbers: readonly number[]): Promise<void> {
  for (const n of numbers) table.publish(table.load(`key-${n}`), Buffer.from(`${n}`));
  await table.flush(POSITION, { clean: false });
  await evictAll(table);
}

/** All that can be. */
async function evictAll(table: StateTable): Promise<void> {
  for (let n = 0; n < 2 * MAX; n++) table.load(`other-${n}`);
  await table.flush(POSITION, { clean: false });
}

async function openTable(rig: Rig, store: StateStore): Promise<StateTable> {
  const table = new StateTable({
    store,
    clock: rig.clock,
    bootId: "boot",
    dueOf: () => null,
    keepTimers: true,
    entriesMax: MAX,
    staleMsMax: 1e9,
  });
  await table.open(0);
  return table;
}

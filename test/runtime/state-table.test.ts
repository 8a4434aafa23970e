import { expect, test } from "vitest";
import type { StateStore } from "@tidemark/streams";
// How much it holds in memory cannot be seen through the front door.
import { StateTable } from "../../packages/streams/src/state-table.ts";
import { CHECKPOINT_ROW } from "../../packages/streams/src/store-rows.ts";
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
  for (let n = 0; n < 2 * MAX; n++) expect(String(table.load(`dirty-${n}`).bytes)).toBe(`state ${n}`);
  gate.open();
  await rig.drive(flushing);
  expect(table.size).toBeLessThanOrEqual(MAX);
  for (let n = 0; n < 2 * MAX; n++) expect(String(table.load(`dirty-${n}`).bytes)).toBe(`state ${n}`);
});

test("a store that began empty is asked for what was written to it, one that was kept for everything, one that was emptied for nothing", async () => {
  await using rig = await openRig();
  const beneath = await openStore();
  const asked = new Set<string>();
  const store = storeWith(beneath, {
    get: (row) => {
      if (row !== CHECKPOINT_ROW) asked.add(row);
      return beneath.get(row);
    },
  });
  const ask = (table: StateTable): readonly string[] => {
    asked.clear();
    for (const key of ["written", "other", "third"]) {
      table.load(key);
    }
    return [...asked];
  };
  const first = await openTable(rig, store);
  expect(ask(first)).toEqual([]);
  first.publish(first.load("written"), Buffer.from("state"));
  await first.flush(POSITION, { clean: false });
  for (let n = 0; n < 3 * MAX; n++) first.load(`key-${n}`);
  first.trim();
  expect(ask(first)).toEqual(["pwritten"]);
  expect(String(first.load("written").bytes)).toBe("state");

  const second = await openTable(rig, store);
  expect(ask(second)).toEqual(["pwritten", "pother", "pthird"]);
  expect(String(second.load("written").bytes)).toBe("state");

  const third = await openTable(rig, store);
  await third.wipe();
  expect(ask(third)).toEqual([]);
  expect(third.load("written").bytes).toBeNull();
});

async function openTable(rig: Rig, store: StateStore): Promise<StateTable> {
  const table = new StateTable({
    store,
    clock: rig.clock,
    bootId: "boot",
    dueOf: () => null,
    keepTimers: true,
    entries: { cachedEntriesMin: MAX, cachedEntriesMax: MAX },
    scrubDelayMs: 0,
    onDropped: () => undefined,
    staleMsMax: 1e9,
  });
  await table.open(POSITION.offset);
  return table;
}

import { type EventLog, type LogRecord, type RecordToAppend, TurnGate } from "@tidemark/streams";
import { expect, test } from "vitest";
import { COUNTER_TOPICS, counterApplication, SILENCE_MS } from "../simulation/counter-application.ts";
import {
  caughtUp,
  event,
  Gate,
  json,
  keysOf,
  logWith,
  logWithCommit,
  openRig,
  type OwnerOptions,
  type Rig,
} from "./rig.ts";

const [INPUT, OTHER] = COUNTER_TOPICS.inputs;
const KEYS = keysOf(50);

test.each([
  ["small", 4_000, 0, { bufferRecordsMax: 300, bufferBytesMax: 4_000_000 }],
  ["large", 300, 20_000, { bufferRecordsMax: 12_000, bufferBytesMax: 400_000 }],
])(
  "while commits are blocked, buffers of %s records stay within their bounds, and nothing is lost",
  async (...given) => {
    const [, count, padding, bounds] = given;
    const held = { records: 0, bytes: 0 };
    await using rig = await openRig();
    const gate = new Gate();
    const limits = { ...bounds, fetchBytesMax: 200_000, turnRecordsMax: 100 };
    const records = Array.from({ length: count }, (_, id) => padded(KEYS[id % KEYS.length] ?? "", id, padding));
    for (let start = 0; start < count; start += 40) await rig.append(INPUT, records.slice(start, start + 40));
    gate.close();
    const wrapLog = (log: EventLog): EventLog => countedRecords(gatedCommits(gate)(log), held);
    const owner = rig.start({ limits, wrapLog });
    await rig.until(() => owner.task.status.state === "running", "the task runs");
    gate.close();
    await rig.until(() => gate.waiting > 0, "a commit is blocked");
    await rig.pass(10_000);
    // A fetch may go beyond the bound: by the bytes it may bring, or by as many records again.
    expect(held.records).toBeLessThanOrEqual(2 * bounds.bufferRecordsMax);
    expect(held.bytes).toBeLessThanOrEqual(bounds.bufferBytesMax + limits.fetchBytesMax);
    expect(held.records).toBeLessThan(count);

    gate.open();
    await rig.check(owner);
    expect(owner.task.status.counts).toMatchObject({ applied: count, deadLetter: 0 });
  },
);

test("a flood of records of one millisecond on both inputs goes through, in order and without a deadlock", async () => {
  const applied = new Map<string, number[]>(KEYS.map((key) => [key, []]));
  const { apply } = counterApplication("wall");
  await using rig = await openRig({
    application: {
      apply: (state, added, context) => {
        applied.get(state.key)?.push(added.id);
        return apply(state, added, context);
      },
    },
  });
  const owner = rig.start();
  const flood = (count: number, first: number): RecordToAppend[] =>
    Array.from({ length: count }, (_, n) => ({
      key: Buffer.from(KEYS[n % KEYS.length] ?? ""),
      value: Buffer.from(`{"id":${first + n},"amount":1,"kind":"add"}`),
    }));
  await rig.appendBatches([
    { topic: OTHER, partition: 0, records: flood(15_000, 30_000) },
    { topic: INPUT, partition: 0, records: flood(15_000, 0) },
    { topic: OTHER, partition: 0, records: flood(15_000, 45_000) },
    { topic: INPUT, partition: 0, records: flood(15_000, 15_000) },
  ]);
  await rig.until(() => owner.task.status.counts.applied === 60_000, "all are applied");
  expect(new Set((await rig.read(INPUT)).map((record) => record.appendedAt)).size).toBe(1);
  // Of each key by rank, then by offset; across keys there is no order to be seen.
  const inOrder = [...applied.values()].map((ids) =>
    ids.every((id, index) => index === 0 || id > (ids[index - 1] ?? id)),
  );
  expect(inOrder).toEqual(KEYS.map(() => true));
  await rig.check(owner);
});

test("a backlog on one input is not slowed down by waiting for the others", async () => {
  await using rig = await openRig();
  for (let start = 0; start < 4_000; start += 500) {
    await rig.append(
      INPUT,
      Array.from({ length: 500 }, (_, n) => event(KEYS[n % KEYS.length] ?? "", start + n)),
    );
  }
  const startedAt = rig.clock.monotonic();
  let committedAt = startedAt;
  const owner = rig.start({
    limits: { bufferRecordsMax: 500, turnRecordsMax: 250, turnIntervalMs: 1, fetchWaitMs: 20_000 },
    wrapLog: (log) =>
      logWithCommit(log, (writer, batches) => {
        committedAt = rig.clock.monotonic();
        return writer.commit(batches);
      }),
  });
  await rig.until(() => owner.task.status.counts.applied === 4_000, "the backlog is applied");
  expect(committedAt - startedAt).toBeLessThan(2_000);
});

test("while the store cannot keep up, turns wait for it and the states not stored stay within their bound", async () => {
  await using rig = await openRig();
  const gate = new Gate();
  const owner = rig.start({
    limits: { flushEntries: 20, dirtyEntriesMax: 60, turnRecordsMax: 10 },
    store: gatedWrites(rig, gate),
  });
  const keys = keysOf(500);
  await rig.until(() => caughtUp(owner), "the task runs");
  gate.close();
  await rig.append(
    INPUT,
    keys.map((key, id) => event(key, id)),
  );
  await rig.until(() => gate.waiting > 0, "a write is blocked");
  await rig.pass(1_000);
  // One turn more than the bound, and what the blocked write took with it.
  expect(owner.task.status.counts.applied).toBeLessThanOrEqual(60 + 10 + 30);
  gate.open();
  await rig.check(owner);
  expect(owner.task.status.counts.applied).toBe(500);
});

test("time does not go back where a fetch brought more than a buffer takes, and a turn took all of that", async () => {
  await using rig = await openRig();
  for (let id = 0; id < 40; id++) {
    await rig.append(INPUT, [event(KEYS[id % 3] ?? "", id)]);
    await rig.pass(SILENCE_MS / 2);
  }
  const owner = rig.start({ limits: { bufferRecordsMax: 4 } });
  await rig.until(() => owner.task.status.counts.applied === 40, "all are applied");
  expect(owner.recoveries).toEqual([]);
  await rig.check(owner);
});

test("where a turn leaves records, no more are fetched than two like it take", async () => {
  const kept = { records: 0, bytes: 0 };
  const held: number[] = [];
  await using rig = await openRig();
  for (let start = 0; start < 6_000; start += 500) {
    await rig.append(
      INPUT,
      Array.from({ length: 500 }, (_, n) => event(KEYS[n % KEYS.length] ?? "", start + n)),
    );
  }
  let taken = 0;
  const owner = rig.start({
    limits: {
      bufferRecordsMin: 40,
      bufferRecordsMax: 1_000,
      turnRecordsMax: 100,
      turnIntervalMs: 50,
      fetchBytesMax: 400,
    },
    wrapLog: (log) =>
      logWithCommit(countedRecords(log, kept), async (writer, batches) => {
        // What lies in the buffers while the turn is committed, its own records with it.
        held.push(kept.records - taken);
        const appended = await writer.commit(batches);
        taken = owner.task.status.counts.applied;
        return appended;
      }),
  });
  await rig.until(() => owner.task.status.counts.applied === 6_000, "all are applied");
  // Until the first turn nobody knows how much it takes; what was fetched by then lasts for ten.
  expect(Math.max(...held.slice(0, 10))).toBeGreaterThan(500);
  const later = held.slice(15, -4);
  // A fetch brings some ten.
  expect(Math.max(...later)).toBeLessThanOrEqual(100 + 200 + 40);
  expect(Math.max(...later)).toBeGreaterThan(100);
  await rig.check(owner);
});

test("an input with few records is not read far ahead of one with many: none of it could be taken before", async () => {
  const [ofMany, ofFew] = [
    { records: 0, bytes: 0 },
    { records: 0, bytes: 0 },
  ];
  await using rig = await openRig();
  for (let n = 0; n < 200; n++) {
    const many = Array.from({ length: 10 }, (_, of) => event(KEYS[of] ?? "", 10 * n + of));
    await rig.appendBatches([
      { topic: INPUT, partition: 0, records: many },
      { topic: OTHER, partition: 0, records: [event(KEYS[0] ?? "", 10_000 + n)] },
    ]);
    await rig.pass(1);
  }
  const gate = new Gate();
  gate.close();
  const owner = rig.start({
    limits: { bufferRecordsMin: 20, bufferRecordsMax: 500, turnRecordsMax: 50, fetchBytesMax: 400 },
    wrapLog: (log) => countedRecords(countedRecords(gatedCommits(gate)(log), ofMany), ofFew, OTHER),
  });
  await rig.until(() => gate.waiting > 0, "a commit is blocked");
  await rig.pass(10_000);
  expect(ofMany.records).toBeGreaterThanOrEqual(500);
  expect(ofMany.records).toBeLessThan(600);
  // As far as the other one, a fetch more, and the least that is kept.
  expect(ofFew.records).toBeLessThan(600 / 10 + 20 + 20);
  gate.open();
  await rig.check(owner);
  expect(owner.task.status.counts).toMatchObject({ applied: 2_200, deadLetter: 0 });
});

test("a large turn waits for the one that another task of the thread is in, but not for ever, and a small one does not", async () => {
  await using rig = await openRig();
  const never = new AbortController().signal;
  const gate = new TurnGate(rig.clock, 20);
  const other = Promise.withResolvers<void>();
  const holding = gate.pass(1_000, never, () => other.promise);
  const append = (first: number, count: number): Promise<unknown> =>
    rig.append(
      INPUT,
      Array.from({ length: count }, (_, n) => event(KEYS[n % KEYS.length] ?? "", first + n)),
    );
  const owner = rig.start({ gate });
  await rig.until(() => caughtUp(owner), "the task runs");
  const applied = (): number => owner.task.status.counts.applied;

  await append(0, 5);
  await rig.pass(500);
  expect(applied()).toBe(5);

  await append(5, 100);
  await rig.pass(9_000);
  expect(applied()).toBe(5);
  await rig.pass(1_500);
  expect(applied()).toBe(105);
  other.resolve();
  await holding;

  const next = Promise.withResolvers<void>();
  const holdingAgain = gate.pass(1_000, never, () => next.promise);
  await append(105, 100);
  await rig.pass(500);
  expect(applied()).toBe(105);
  next.resolve();
  await holdingAgain;
  await rig.pass(100);
  expect(applied()).toBe(205);
  await rig.check(owner);
});

test("a large turn ends for the others of the thread when the store has what it changed, a small one before", async () => {
  await using rig = await openRig();
  const never = new AbortController().signal;
  const gate = new TurnGate(rig.clock, 20);
  const writes = new Gate();
  const limits = { flushEntries: 5, dirtyEntriesMax: 30 };
  const owner = rig.start({ gate, store: gatedWrites(rig, writes), limits });
  await rig.until(() => caughtUp(owner), "the task runs");
  const applied = (): number => owner.task.status.counts.applied;
  const append = (first: number, count: number): Promise<unknown> =>
    rig.append(
      INPUT,
      keysOf(count).map((key, n) => event(key, first + n)),
    );

  writes.close();
  await append(0, 60);
  await rig.until(() => applied() === 60 && writes.waiting > 0, "its states are being stored");
  let others = 0;
  const other = gate.pass(1_000, never, async () => void others++);
  await rig.pass(1_000);
  expect(others).toBe(0);
  writes.open();
  await other;
  expect(others).toBe(1);

  await rig.pass(1_000);
  writes.close();
  await append(60, 10);
  await rig.until(() => applied() === 70 && writes.waiting > 0, "its states are being stored");
  await gate.pass(1_000, never, async () => void others++);
  expect(others).toBe(2);
  writes.open();
  await rig.check(owner);
});

test("where a flush is under way, who has too much to be stored waits for the next one too", async () => {
  await using rig = await openRig();
  const writes = new Gate();
  const owner = rig.start({
    store: gatedWrites(rig, writes),
    limits: { flushEntries: 20, dirtyEntriesMax: 60, turnIntervalMs: 1 },
  });
  await rig.until(() => caughtUp(owner), "the task runs");
  const append = (keys: readonly string[], first: number): Promise<unknown> =>
    rig.append(
      INPUT,
      keys.map((key, n) => event(key, first + n)),
    );
  const keys = keysOf(300);
  writes.close();
  await append(keys.slice(0, 20), 0);
  await rig.until(() => writes.waiting > 0, "a flush is under way");
  await append(keys.slice(20, 120), 100);
  await rig.until(() => owner.task.status.counts.applied === 120, "more than the bound is to be stored");
  await append(keys.slice(120), 1_000);
  await rig.pass(100);
  writes.open();
  writes.close();
  await rig.until(() => writes.waiting > 0, "the next flush is under way");
  await rig.pass(100);
  expect(owner.task.status.counts.applied).toBe(120);
  writes.open();
  await rig.check(owner);
  expect(owner.task.status.counts.applied).toBe(300);
});

/** Adds up what is kept of an input's records: whoever keeps one asks for its size. */
function countedRecords(log: EventLog, kept: { records: number; bytes: number }, topic: string = INPUT): EventLog {
  const counted = (record: LogRecord): LogRecord => {
    const { offset, appendedAt, key, value, bytes } = record;
    let asked = false;
    return {
      offset,
      appendedAt,
      key,
      value,
      get bytes() {
        if (!asked) {
          kept.records++;
          kept.bytes += bytes;
        }
        asked = true;
        return bytes;
      },
    };
  };
  return logWith(log, {
    fetch: async (positions, options) => {
      const slices = await log.fetch(positions, options);
      return slices.map((slice) =>
        slice.topic === topic ? { ...slice, records: slice.records.map((record) => counted(record)) } : slice,
      );
    },
  });
}

function gatedCommits(gate: Gate): NonNullable<OwnerOptions["wrapLog"]> {
  return (log) =>
    logWithCommit(log, async (writer, batches) => {
      if (batches.length > 1) await gate.pass(); // A barrier is alone.
      return writer.commit(batches);
    });
}

function gatedWrites(rig: Rig, gate: Gate): NonNullable<OwnerOptions["store"]> {
  const { store } = rig;
  return {
    get: (key) => store.get(key),
    scan: (range) => store.scan(range),
    purge: () => store.purge(),
    clear: () => store.clear(),
    reopen: () => store.reopen(),
    bytes: () => store.bytes(),
    close: () => store.close(),
    write: async (changes, options) => {
      await gate.pass();
      await store.write(changes, options);
    },
  };
}

function padded(key: string, id: number, padding: number): RecordToAppend {
  const { value } = event(key, id);
  return {
    key: Buffer.from(key),
    value: Buffer.from(JSON.stringify({ ...(json(value) as object), padding: "x".repeat(padding) })),
  };
}

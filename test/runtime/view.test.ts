import {
  combineViews,
  type EventLog,
  JOURNAL_KEY,
  LogUnavailable,
  type LogRecord,
  type StateStore,
  type StoredView,
} from "@tidemark/streams";
import { expect, test } from "vitest";
import { COUNTER_TOPICS } from "../simulation/counter-application.ts";
import { FaultyDisk } from "../simulation/faulty-store.ts";
import { PARTITION } from "../simulation/runtime.ts";
import { Gate, json, keysOf, logWith, openRig, openStore, type Rig, storeWith } from "./rig.ts";
import {
  entry,
  newView,
  recount,
  startOn,
  startView,
  state,
  statesBefore,
  tombstone,
  type Written,
} from "./view-rig.ts";

const { changelog } = COUNTER_TOPICS;
const KEYS = keysOf(7);
const HOUR_MS = 3_600_000;

test("a view is ready when it has passed the end that the changelog had at its start, and not before", async () => {
  await using rig = await openRig();
  for (let n = 0; n < 40; n++) await rig.append(changelog, [state(KEYS[n % 7] ?? "", n)]);
  const gate = new Gate();
  const following = startView(rig, {
    store: await openStore(),
    limits: { fetchBytesMax: 100 },
    log: heldAtThirdFetch(rig, gate),
  });
  await rig.until(() => gate.waiting > 0, "it has read a part");
  await rig.pass(1_000);
  expect(following.ready).toBe(false);
  expect(following.view.recordsLeft).toBeGreaterThan(0);
  // What comes after the start does not put it off.
  await rig.append(changelog, [state("later", 1)]);
  gate.open();
  await rig.until(() => following.ready, "it is ready");
  expect(following.stored.read("x").position).toBeGreaterThanOrEqual(40);
  for (let n = 33; n < 40; n++) expect(json(following.stored.read(KEYS[n % 7] ?? "").value)).toEqual({ n });
  await following.stop();
});

test("a view that stood still for longer than what is erased leaves a trace is given up; one that stood still for less goes on (R18)", async () => {
  await using rig = await openRig();
  await rig.append(changelog, [state("ann", 1)]);
  const gate = new Gate();
  const following = startView(rig, {
    store: await openStore(),
    limits: { checkpointStaleMsMax: 12 * HOUR_MS },
    log: logWith(rig.log, {
      fetch: async (positions, options) => {
        await gate.pass();
        return rig.log.fetch(positions, options);
      },
    }),
  });
  await rig.until(() => following.ready, "it is ready");
  const standStill = async (ms: number): Promise<void> => {
    gate.close();
    await rig.until(() => gate.waiting > 0, "it stands still");
    await rig.pass(ms);
    gate.open();
  };
  await standStill(11 * HOUR_MS);
  await rig.append(changelog, [state("bob", 2)]);
  await rig.until(() => following.stored.read("bob").value !== null, "it goes on");
  await rig.pass(1_000);
  await standStill(13 * HOUR_MS);
  await rig.until(() => following.failure() !== null, "it is given up");
  expect(following.failure()).toMatchObject({ code: "STATE_CORRUPTED" });
});

test("reading on that was interrupted does not make a view's store younger (R18)", async () => {
  await using rig = await openRig();
  for (let n = 0; n < 20; n++) await rig.append(changelog, [state(KEYS[n % 7] ?? "", n)]);
  const store = await openStore();
  const limits = { checkpointStaleMsMax: 12 * HOUR_MS, fetchBytesMax: 100 };
  const first = startView(rig, { store, limits });
  await rig.until(() => first.ready, "it is ready");
  await first.stop();
  await rig.pass(11 * HOUR_MS);
  for (let n = 0; n < 40; n++) await rig.append(changelog, [state(KEYS[n % 7] ?? "", n)]);
  const gate = new Gate();
  const interrupted = startView(rig, {
    store,
    limits,
    log: heldAtThirdFetch(rig, gate),
  });
  await rig.until(() => gate.waiting > 0, "it has read a part");
  interrupted.abort();
  gate.open();
  await interrupted.stop();
  await rig.pass(11 * HOUR_MS);
  let wiped = false;
  const last = startView(rig, {
    limits,
    store: storeWith(store, {
      clear: async () => {
        wiped = true;
        await store.clear();
      },
    }),
  });
  await rig.until(() => last.ready, "it is ready");
  await last.stop();
  expect(wiped).toBe(true);
});

test("a view that is always behind, but not by much, is not given up", async () => {
  await using rig = await openRig();
  await rig.append(changelog, [state("ann", 1)]);
  const following = startView(rig, {
    store: await openStore(),
    limits: { checkpointStaleMsMax: HOUR_MS },
    // There is always one more record than it gets.
    log: logWith(rig.log, {
      fetch: async (positions, options) => {
        const slices = await rig.log.fetch(positions, options);
        return slices.map((slice) => ({ ...slice, offsetEnd: slice.offsetEnd + 1 }));
      },
    }),
  });
  await rig.until(() => following.ready, "it is ready");
  for (let n = 0; n < 9; n++) {
    await rig.pass(HOUR_MS / 4);
    await rig.append(changelog, [state("ann", n)]);
  }
  expect(following.failure()).toBe(null);
  await following.stop();
});

test("what is erased soon after another leaves the disk too, ten minutes later, though nothing else is to be stored", async () => {
  await using rig = await openRig();
  await rig.append(changelog, [state("ann", 1), state("bob", 2)]);
  const beneath = await openStore();
  let purges = 0;
  const store = storeWith(beneath, {
    purge: async () => {
      purges++;
      await beneath.purge();
    },
  });
  const following = startView(rig, { store, limits: { fetchWaitMs: 10_000 } });
  await rig.until(() => following.ready, "it is ready");
  for (const key of ["ann", "bob"]) {
    await rig.append(changelog, [tombstone(key)]);
    await rig.until(() => beneath.get(`p${key}`) === undefined, "it is erased");
    await rig.pass(60_000);
    expect(purges).toBe(1);
  }
  await rig.pass(10 * 60_000);
  expect(purges).toBe(2);
  await rig.pass(60 * 60_000);
  expect(purges).toBe(2);
  await following.stop();
  expect(purges).toBe(2);
});

test("where there is always more to read, what was read is stored now and then, and only that is told of", async () => {
  await using rig = await openRig();
  for (let n = 0; n < 40; n++) await rig.append(changelog, [state(KEYS[n % 7] ?? "", n)]);
  const beneath = await openStore();
  const gate = new Gate();
  const following = startView(rig, {
    store: storeWith(beneath, {
      write: async (changes, options) => {
        await gate.pass();
        await beneath.write(changes, options);
      },
    }),
    limits: { fetchBytesMax: 100, flushIntervalMs: 50 },
    log: logWith(rig.log, {
      fetch: async (positions, options) => {
        await rig.clock.sleep(20, options.signal);
        return rig.log.fetch(positions, options);
      },
    }),
  });
  gate.close();
  await rig.until(() => gate.waiting > 0, "it stores what it has read");
  expect(following.stored.progress).toEqual({ ready: false, position: 0, tick: null });
  const read = 40 - following.view.recordsLeft;
  expect(read).toBeGreaterThan(0);
  expect(following.view.recordsLeft).toBeGreaterThan(0);
  gate.open();
  await rig.until(() => following.stored.progress?.position !== 0, "it is stored");
  expect(following.stored.progress).toEqual({ ready: false, position: read, tick: null });
  await rig.until(() => following.ready, "it is ready");
  expect(following.stored.progress?.position).toBe(40);
  await following.stop();
});

test.each([
  ["a fifth of the time at the most", 1_000, [0.15, 0.2]],
  ["as often as where there is more to read", 80, [0.25, 0.34]],
] as const)(
  "what takes long to write is written for %s, and all of it in the end",
  async (_, flushIntervalMs, [from, to]) => {
    await using rig = await openRig();
    const beneath = await openStore();
    const writeMs = 40;
    let writes = 0;
    const following = startView(rig, {
      store: storeWith(beneath, {
        write: async (changes, options) => {
          writes++;
          await rig.clock.sleep(writeMs, new AbortController().signal);
          await beneath.write(changes, options);
        },
      }),
      limits: { fetchWaitMs: 10, flushIntervalMs },
    });
    await rig.until(() => following.ready, "it is ready");
    const [startedAt, before] = [rig.clock.monotonic(), writes];
    for (let n = 0; n < 200; n++) {
      await rig.append(changelog, [state("a", n)]);
      await rig.pass(10);
    }
    // The first comes after a rest that is longer than any.
    const share = ((writes - before - 1) * writeMs) / (rig.clock.monotonic() - startedAt);
    expect(share).toBeGreaterThan(from);
    expect(share).toBeLessThanOrEqual(to);
    await rig.until(() => following.stored.progress?.position === 200, "all is stored");
    expect(json(following.stored.read("a").value)).toEqual({ n: 199 });
    await following.stop();
  },
);

test("a view of an empty changelog is ready at once, and one left at the end is ready again at once", async () => {
  await using rig = await openRig();
  const store = await openStore();
  const first = startView(rig, { store });
  await rig.until(() => first.ready, "it is ready");
  await rig.append(changelog, [state("a", 1), entry(1, 500)]);
  await rig.until(() => first.stored.read("a").value !== null, "it follows");
  await first.stop();
  const fetches: unknown[] = [];
  const second = startView(rig, {
    store,
    log: logWith(rig.log, {
      fetch: (positions, options) => (fetches.push(positions), rig.log.fetch(positions, options)),
    }),
  });
  await rig.until(() => second.ready || fetches.length > 0, "it is ready");
  expect([second.ready, second.view.count]).toEqual([true, 1]);
  expect(second.stored.read("a")).toMatchObject({ position: 2, tick: 500 });
  await second.stop();
});

test("a view that is stopped behind reads what is there before it leaves: the next one has nothing to read", async () => {
  await using rig = await openRig();
  const store = await openStore();
  const gate = new Gate();
  const log = logWith(rig.log, {
    fetch: async (positions, options) => (await gate.pass(), rig.log.fetch(positions, options)),
  });
  const first = startView(rig, { store, log, limits: { fetchBytesMax: 100 } });
  await rig.until(() => first.ready, "it is ready");
  gate.close();
  await rig.until(() => gate.waiting > 0, "it would read on");
  for (let n = 0; n < 40; n++) await rig.append(changelog, [state(KEYS[n % 7] ?? "", n)]);
  first.abort();
  gate.open();
  await first.stop();
  let fetches = 0;
  const second = startView(rig, {
    store,
    log: logWith(rig.log, { fetch: (positions, options) => (fetches++, rig.log.fetch(positions, options)) }),
  });
  await rig.until(() => second.ready || fetches > 0, "it is ready");
  expect([second.ready, second.stored.read("x").position]).toEqual([true, 40]);
  await second.stop();
});

test.each([
  [
    "does not answer",
    (signal: AbortSignal) => new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve())),
  ],
  ["cannot be read", () => Promise.reject(new LogUnavailable("the log cannot be read"))],
])("a view whose log %s when it is stopped leaves what it has, in time", async (_, answer) => {
  await using rig = await openRig();
  const store = await openStore();
  let isDown = false;
  const log = logWith(rig.log, {
    fetch: async (positions, options) => {
      if (isDown) await answer(options.signal);
      return rig.log.fetch(positions, options);
    },
  });
  await rig.append(changelog, [state("a", 1)]);
  const first = startView(rig, { store, log });
  await rig.until(() => first.ready, "it is ready");
  const gone = rig.append(changelog, [state("a", 2)]);
  first.abort();
  isDown = true;
  const stoppedAt = rig.clock.monotonic();
  await gone;
  await first.stop();
  expect(rig.clock.monotonic() - stoppedAt).toBeLessThan(3_000);
  const second = startView(rig, { store });
  await rig.until(() => second.stored.read("a").value !== null, "it goes on");
  await rig.until(() => second.stored.read("a").position === 2, "it reads the rest");
  expect(json(second.stored.read("a").value)).toEqual({ n: 2 });
  await second.stop();
});

test("before its store was looked at a view says nothing, whatever lies there", async () => {
  await using rig = await openRig();
  const store = await openStore();
  await rig.append(changelog, [state("a", 1)]);
  const first = startView(rig, { store });
  await rig.until(() => first.ready, "it is ready");
  await first.stop();
  const { view, stored } = newView(rig, { store });
  expect([view.progress, view.recordsLeft, stored.read("a"), stored.aggregate()]).toEqual([
    null,
    0,
    { value: null, marker: null, partition: PARTITION, position: 0, tick: null },
    null,
  ]);
});

test("every answer is whole up to its position, and the aggregate equals a recount, after crashes at any step", async () => {
  for (let seed = 0; seed < 150; seed++) {
    await using rig = await openRig({ seed });
    const { random } = rig.scheduler;
    const disk = new FaultyDisk(await openStore());
    const written: Written[] = [];
    let turn = 0;
    let boot = 1;
    let life = startOn(rig, disk, boot);
    for (let step = 0; step < 250; step++) {
      if (written.length < 60 && random.chance(0.15)) {
        const records = Array.from({ length: 1 + random.integer(4) }, () => someChange(rig, written.length));
        records.push(entry(++turn, 1_000 + turn));
        written.push(...records);
        await rig.log.append([{ topic: changelog, partition: PARTITION, records }]);
      }
      await rig.scheduler.advance();
      expectWhole(life.stored, written, KEYS[random.integer(7)] ?? "");
      if (random.chance(0.04)) {
        life.process.state = "dead";
        if (random.chance(0.4)) {
          await disk.powerLoss(rig.scheduler);
          boot++;
        }
        life = startOn(rig, disk, boot);
      }
    }
    await rig.until(() => life.ready && life.stored.read("x").position === written.length, "it has read all");
    const states = statesBefore(written, written.length);
    expect(life.aggregate.counts()).toEqual(recount(states));
    for (const key of KEYS) expectWhole(life.stored, written, key);
    await life.stop();
    expect(life.view.count).toBe(states.size);
  }
});

test("the aggregate is exact after a crash in the middle of thousands of changes", async () => {
  await using rig = await openRig();
  const keys = keysOf(3_000);
  const written: Written[] = [];
  for (let round = 0; round < 2; round++) {
    const records = keys.map((key, n) => (n % 3 === round ? tombstone(key) : state(key, n + round)));
    written.push(...records);
    await rig.append(changelog, records);
  }
  for (const writes of [1, 3, 7, 10]) {
    const store = await openStore();
    let made = 0;
    const first = startView(rig, {
      store: storeWith(store, {
        write: async (changes, options) => {
          if (made++ === writes) await new Promise<never>(() => undefined);
          await store.write(changes, options);
        },
      }),
    });
    await rig.until(() => made > writes, "it is in the middle");
    first.process.state = "dead";
    const second = startView(rig, { store });
    await rig.until(() => second.ready, "it is ready");
    expect(second.aggregate.counts()).toEqual(recount(statesBefore(written, written.length)));
    await second.stop();
  }
});

test("a store that was kept without the aggregate that is wanted now is made anew", async () => {
  await using rig = await openRig();
  const store = await openStore();
  await rig.append(changelog, [state("a", 4), state("b", 5)]);
  const without = startView(rig, { store, withoutAggregate: true });
  await rig.until(() => without.ready, "it is ready");
  await without.stop();
  const following = startView(rig, { store });
  await rig.until(() => following.ready, "it is ready");
  expect(following.aggregate.counts()).toEqual({ states: 2, sum: 9 });
  await following.stop();
});

test("a store whose aggregate the code of now cannot use is made anew", async () => {
  await using rig = await openRig();
  const store = await openStore();
  await rig.append(changelog, [state("a", 4), state("b", 5)]);
  const before = startView(rig, { store });
  await rig.until(() => before.ready, "it is ready");
  await before.stop();
  const following = startView(rig, { store, refusesSaved: true });
  await rig.until(() => following.ready, "it is ready");
  expect(following.aggregate.counts()).toEqual({ states: 2, sum: 9 });
  await following.stop();
});

test("a damaged row that a query finds ends the view, so that it is made anew", async () => {
  await using rig = await openRig();
  const { store, key } = await viewedStore(rig, "clean");
  const bytes = Buffer.from(store.get(`p${key}`) ?? []);
  bytes[bytes.length - 1] = (bytes[bytes.length - 1] ?? 0) ^ 4;
  await store.write([{ key: `p${key}`, value: bytes }], { sync: true });
  const following = startView(rig, { store });
  await rig.until(() => following.ready, "it is ready");
  expect(() => following.stored.read(key)).toThrow(/checksum/);
  await rig.until(() => following.failure() !== null, "it ends");
  expect(following.failure()).toMatchObject({ code: "STATE_CORRUPTED" });
});

test("a row lost behind the view's back is found by its scrub after an unclean stop, and not called clean before", async () => {
  await using rig = await openRig();
  const { store, key } = await viewedStore(rig, "crashed");
  await store.write([{ key: `p${key}`, value: null }], { sync: true });
  // Stopped before the scrub has come to its end.
  const gate = new Gate();
  gate.close();
  const slow = storeWith(store, {
    scan: async (range) => {
      if (range.to === "u") await gate.pass();
      return store.scan(range);
    },
  });
  const hasty = startView(rig, { store: slow });
  await rig.until(() => hasty.ready && gate.waiting > 0, "it is ready");
  hasty.abort();
  gate.open();
  await hasty.stop().catch(() => undefined);
  const following = startView(rig, { store });
  await rig.until(() => following.failure() !== null, "the scrub finds it");
  expect(following.failure()).toMatchObject({ code: "STATE_CORRUPTED" });
});

test("a row that fell back to what it was before is found by the view's scrub", async () => {
  await using rig = await openRig();
  const store = await openStore();
  await rig.append(changelog, [state("a", 1), state("b", 2)]);
  const first = startView(rig, { store, limits: { flushIntervalMs: 1, fetchWaitMs: 5 } });
  await rig.until(() => first.view.count === 2, "both are stored");
  const before = store.get("pa") ?? null;
  await rig.append(changelog, [state("a", 10)]);
  await rig.until(() => store.get("pa")?.length !== before?.length, "the next is stored");
  first.process.state = "dead";
  await store.write([{ key: "pa", value: before }], { sync: true });
  const following = startView(rig, { store });
  await rig.until(() => following.failure() !== null, "the scrub finds it");
  expect(following.failure()).toMatchObject({ code: "STATE_CORRUPTED" });
});

test("views of all partitions answer as one, each for its keys", async () => {
  await using rig = await openRig();
  const [own = ""] = keysOf(1, 0);
  const [foreign = ""] = keysOf(1, 1);
  await rig.append(changelog, [state(own, 1)], 0);
  await rig.append(changelog, [state(foreign, 2), entry(1, 77)], 1);
  const runs = [
    startView(rig, { partition: 0, store: await openStore() }),
    startView(rig, { partition: 1, store: await openStore() }),
  ];
  const reader = combineViews(runs.map(({ stored }) => stored));
  expect(reader.ready).toBe(false);
  await rig.until(() => reader.ready, "both are ready");
  expect(json(reader.read(own).value)).toEqual({ n: 1 });
  expect(reader.read(own)).toMatchObject({ partition: 0, tick: null });
  expect(json(reader.read(foreign).value)).toEqual({ n: 2 });
  expect(reader.read(foreign)).toMatchObject({ partition: 1, position: 2, tick: 77 });
  for (const run of runs) await run.stop();
});

async function viewedStore(rig: Rig, how: "clean" | "crashed"): Promise<{ store: StateStore; key: string }> {
  const store = await openStore();
  await rig.append(
    changelog,
    KEYS.map((key, n) => state(key, n)),
  );
  const following = startView(rig, { store, limits: { flushIntervalMs: 1 } });
  await rig.until(() => following.ready && following.view.count === KEYS.length, "all is stored");
  if (how === "clean") await following.stop();
  else following.process.state = "dead";
  return { store, key: KEYS[0] ?? "" };
}

/** The answer is that of the changelog at the position it names, or at a later one that the store is at already. */
function expectWhole(stored: StoredView, written: readonly Pick<LogRecord, "key" | "value">[], key: string): void {
  const { value, position, tick } = stored.read(key);
  const possible = new Set<string | null>();
  for (let at = position; at <= written.length; at++) {
    possible.add(statesBefore(written, at).get(key)?.toString() ?? null);
  }
  expect(possible).toContain(value === null ? null : String(value));
  const last = written.slice(0, position).findLast((record) => record.key?.[0] === JOURNAL_KEY[0]);
  expect(tick).toBe(last === undefined ? null : (json(last.value) as { tickMs: number }).tickMs);
}

function someChange(rig: Rig, n: number): Written {
  const key = rig.scheduler.random.pick(KEYS);
  return rig.scheduler.random.chance(0.2) ? tombstone(key) : state(key, n);
}

/** A log whose third fetch closes the gate, and waits at it as all that follow do. */
function heldAtThirdFetch(rig: Rig, gate: Gate): EventLog {
  let fetches = 0;
  return logWith(rig.log, {
    fetch: async (positions, options) => {
      if (++fetches === 3) gate.close();
      await gate.pass();
      return rig.log.fetch(positions, options);
    },
  });
}

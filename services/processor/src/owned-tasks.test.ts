import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { systemClock } from "@tidemark/clock";
import { type Contracts, openContracts, openFileRegistry, topicSpecs } from "@tidemark/contracts";
import { type EmbeddedLog, openEmbeddedLog } from "@tidemark/log-embedded";
import { createModel, defaultArtefact } from "@tidemark/scoring";
import { openLevelStore } from "@tidemark/store-level";
import {
  DirectoryLocked,
  type LogRecord,
  partitionOf,
  type StateStore,
  storeReport,
  StoreUnavailable,
} from "@tidemark/streams";
import { createLogger, createMetrics, type Metrics } from "@tidemark/telemetry";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Processor, startProcessor } from "./processor.ts";
import { sampleEvent } from "./sample-shop.ts";
import { createScoringApplication } from "./scoring-application.ts";
import { ScriptedOwnership } from "./scripted-ownership.ts";

const PARTITIONS = 4;
const clock = systemClock();
let directory: string;
let log: EmbeddedLog;
let contracts: Contracts;
let metrics: Metrics;
let events: number;
let lines: string[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "tidemark-owned-"));
  log = await openEmbeddedLog({ directory: join(directory, "log"), clock });
  await log.createTopics(topicSpecs("t.", PARTITIONS));
  contracts = await openContracts({ registry: await openFileRegistry(join(directory, "schemas.json")), prefix: "t." });
  metrics = createMetrics("thread");
  events = 0;
  lines = [];
});
afterEach(async () => {
  await log.close();
  await rm(directory, { recursive: true });
});

test("partitions that move under load lose no event and double none, also while two believe to own them or nobody does", async () => {
  const ownerships = [new ScriptedOwnership(), new ScriptedOwnership()];
  const processors = await Promise.all(ownerships.map((ownership, index) => start(ownership, `machine-${index}`)));
  const random = seeded(7);
  for (let round = 0; round < 40; round++) {
    await buy(50, random);
    for (const ownership of ownerships) {
      // Each partition by a lot of its own: it is with one of them, with both, or with nobody.
      if (random() < 0.4) ownership.assign(all().filter(() => random() < 0.5));
    }
    await pause(5);
  }
  ownerships[0]?.assign([0, 3]);
  ownerships[1]?.assign([1, 2]);
  await caughtUp(processors);
  const shares = () => processors.map(({ tasks }) => tasks.map(({ partition }) => partition).join());
  await until(() => shares().join(" ") === "0,3 1,2", "what was lost is let go of");
  const counts = processors.flatMap(({ tasks }) => tasks.map((task) => task.counts.applied));
  expect(counts.reduce((sum, applied) => sum + applied, 0)).toBe(events);
  for (const processor of processors) await processor.stop();
  await checkVersionsAndPurchases();
});

test("a partition that is lost is committed, stored and no longer told of; gained again it goes on from its store", async () => {
  const ownership = new ScriptedOwnership();
  const processor = await start(ownership, "machine");
  expect([processor.ready, processor.tasks]).toEqual([false, []]);
  ownership.assign([0, 1]);
  await buy(40);
  await caughtUp([processor]);
  expect(await lagSeries()).toEqual(["0", "1"]);
  const turnOf0 = processor.tasks[0]?.turn;

  ownership.assign([1]);
  await until(() => processor.tasks.length === 1, "the partition is let go of");
  expect(processor.ready).toBe(true);
  expect(await lagSeries()).toEqual(["1"]);
  const store = await openLevelStore({ directory: storeOf("machine", 0) });
  const kept = storeReport(0, store, application().journal);
  await store.close();
  expect(kept?.offset).toBe((await log.offsets(contracts.topics.processorState, 0)).end);
  expect(ownership.reports()).toContainEqual(kept);

  ownership.assign([0, 1]);
  await caughtUp([processor]);
  expect(processor.tasks.map(({ turn }) => turn)).toEqual([turnOf0, expect.any(Number)]);
  ownership.assign([]);
  await until(() => processor.tasks.length === 0, "nothing is owned");
  // Who is a member and owns nothing is no failure.
  expect(processor.ready).toBe(true);
  await processor.stop();
});

test("a partition that is gained again while it closes begins anew when its store is closed, and not before", async () => {
  const ownership = new ScriptedOwnership();
  const gate = Promise.withResolvers<void>();
  let opened = 0;
  const processor = await start(ownership, "machine", async (open) => {
    opened += 1;
    return opened === 1 ? closedBehind(await open(), gate.promise) : open();
  });
  ownership.assign([0]);
  await until(() => processor.ready, "it runs");
  for (const partitions of [[], [0], [], [0]]) {
    ownership.assign(partitions);
    await until(() => ownership.heard === ownership.current.generation, "that is heard");
  }
  expect([opened, processor.ready]).toEqual([1, false]);
  gate.resolve();
  await until(() => processor.ready, "it runs again");
  // The spell between, lost before it began, has opened nothing.
  expect(opened).toBe(2);
  await processor.stop();
});

test("a partition that is lost while its store opens is closed again unused", async () => {
  const ownership = new ScriptedOwnership();
  const gate = Promise.withResolvers<void>();
  let opening = false;
  const processor = await start(ownership, "machine", async (open) => {
    opening = true;
    await gate.promise;
    return open();
  });
  ownership.assign([0]);
  await until(() => opening, "its store opens");
  ownership.assign([]);
  gate.resolve();
  await processor.stop();
  await (await openLevelStore({ directory: storeOf("machine", 0) })).close();
  expect(await log.offsets(contracts.topics.processorState, 0)).toEqual({ start: 0, end: 0 });
});

test("a store that another of the same machine still has is waited for", async () => {
  const [giver, taker] = [new ScriptedOwnership(), new ScriptedOwnership()];
  const gate = Promise.withResolvers<void>();
  const from = await start(giver, "machine", async (open) => closedBehind(await open(), gate.promise));
  let attempts = 0;
  const to = await start(taker, "machine", (open) => {
    attempts += 1;
    return open();
  });
  giver.assign([0]);
  await buy(20);
  await caughtUp([from]);
  giver.assign([]);
  taker.assign([0]);
  await until(() => attempts > 3, "it has tried some times");
  expect(to.ready).toBe(false);
  gate.resolve();
  await caughtUp([to]);
  await Promise.all([from.stop(), to.stop()]);
});

test("a store that another of the same machine takes while it is wiped is waited for, and nothing ends", async () => {
  const ownership = new ScriptedOwnership();
  let opened = 0;
  const processor = await start(ownership, "machine", async (open) => {
    opened += 1;
    const store = await open();
    // A store without a checkpoint is wiped before it is used.
    return opened > 1
      ? store
      : { ...closedBehind(store, Promise.resolve()), clear: () => Promise.reject(new DirectoryLocked("in use")) };
  });
  ownership.assign([0]);
  await buy(20);
  await caughtUp([processor]);
  expect(opened).toBe(2);
  await processor.stop();
});

test("a task that is fenced asks whether it owns its partition; the others go on, and so does the processor", async () => {
  const [old, next] = [new ScriptedOwnership(), new ScriptedOwnership()];
  const zombie = await start(old, "machine-0");
  const owner = await start(next, "machine-1");
  old.assign([0, 1]);
  await caughtUp([zombie]);
  next.assign([0]);
  await until(() => owner.ready, "the new owner runs");
  // It still owns it by what it knows, and may try again: there the script takes it away.
  old.current = { generation: old.current.generation, partitions: [1] };
  await buy(40);
  await until(() => old.asked.includes(0), "the old owner is fenced");
  await caughtUp([owner]);
  await until(() => (zombie.tasks[1]?.counts.applied ?? 0) > 0, "its other partition goes on");
  expect(old.asked).toEqual([0]);
  old.assign([1]);
  await caughtUp([zombie]);
  await until(() => zombie.tasks.map(({ partition }) => partition).join() === "1", "the lost one is let go of");
  await Promise.all([zombie.stop(), owner.stop()]);
  expect(await metrics.text()).toContain("\ntidemark_fenced_total 1\n");
});

test("an ownership that ends ends the processor with its reason, and leaves the stores closed", async () => {
  const ownership = new ScriptedOwnership();
  const processor = await start(ownership, "machine");
  ownership.assign([2]);
  await until(() => processor.ready, "it runs");
  ownership.fail(new Error("not in the group any more"));
  await expect(processor.ended).rejects.toThrow("not in the group any more");
  await expect(processor.stop()).rejects.toThrow("not in the group any more");
  expect(processor.ready).toBe(false);
  await (await openLevelStore({ directory: storeOf("machine", 2) })).close();
});

test("a store that cannot be opened when its partition is gained ends the processor", async () => {
  const ownership = new ScriptedOwnership();
  const processor = await start(ownership, "machine", () => Promise.reject(new Error("no space")));
  ownership.assign([0]);
  await expect(processor.ended).rejects.toThrow("no space");
});

test("while stores cannot be written the processor is not ready and says so once for all of them; then it goes on", async () => {
  const ownership = new ScriptedOwnership();
  let isFull = false;
  let tries = 0;
  const full = (): void => {
    if (isFull) throw new StoreUnavailable("no space");
  };
  const processor = await start(ownership, "machine", async (open) => {
    const store = await open();
    return {
      ...closedBehind(store, Promise.resolve()),
      write: async (changes, options) => {
        full();
        await store.write(changes, options);
      },
      reopen: async () => {
        tries += 1;
        full();
        await store.reopen();
      },
    };
  });
  ownership.assign(all());
  await caughtUp([processor]);
  isFull = true;
  await buy(200);
  const told = () => lines.filter((line) => line.includes("STORE_UNAVAILABLE"));
  await until(() => processor.tasks.every(({ state }) => state === "running") && !processor.ready, "it is not ready");
  await until(() => tries > 2 * PARTITIONS, "they are tried again, each and more than once");
  expect(processor.ready).toBe(false);
  isFull = false;
  await caughtUp([processor]);
  expect(told()).toHaveLength(1);
  expect(told()[0]).toMatch(/"level":"error".*"message":"no space".*if the disk is full, make room/u);
  await processor.stop();
  await checkVersionsAndPurchases();
});

function start(
  ownership: ScriptedOwnership,
  machine: string,
  openBy: (open: () => Promise<StateStore>, partition: number) => Promise<StateStore> = (open) => open(),
): Promise<Processor> {
  return startProcessor({
    application: application(),
    log,
    topics: contracts.topics,
    tierChanges: contracts.codecs.tierChanges,
    churnAlerts: contracts.codecs.churnAlerts,
    openStore: (partition) => openBy(() => openLevelStore({ directory: storeOf(machine, partition) }), partition),
    clock,
    mode: "wall",
    partitions: PARTITIONS,
    ownership,
    timeScale: 1,
    bootId: "test",
    limits: { turnIntervalMs: 2, flushIntervalMs: 20, backoffMsMin: 5 },
    token: () => crypto.randomUUID(),
    metrics,
    logger: createLogger({
      level: "debug",
      name: "test",
      vouched: [StoreUnavailable],
      destination: { write: (line) => lines.push(line) },
    }),
  });
}

function application() {
  const model = createModel(defaultArtefact());
  return createScoringApplication({ contracts, model, consentDefault: "granted", clockMode: "wall" });
}

function storeOf(machine: string, partition: number): string {
  return join(directory, `${machine}-${partition}`);
}

function all(): number[] {
  return Array.from({ length: PARTITIONS }, (_, partition) => partition);
}

/** Appends purchases of 50 customers. */
async function buy(count: number, random = seeded(1)): Promise<void> {
  const records = Array.from({ length: count }, () => {
    events += 1;
    const customerId = `c-${Math.floor(random() * 50)}`;
    const fields = { eventId: `e-${events}`, occurredAt: clock.now(), amountMinor: 1_000 };
    const { record } = sampleEvent({ type: "purchase", customerId, ...fields });
    const value = contracts.codecs.purchases.encode(record as Parameters<typeof contracts.codecs.purchases.encode>[0]);
    return { key: Buffer.from(customerId), value };
  });
  const topic = contracts.topics.purchases;
  for (const [partition, batch] of Map.groupBy(records, ({ key }) => partitionOf(key, PARTITIONS))) {
    await log.append([{ topic, partition, records: batch }]);
  }
}

/** I3 and I1: each version of each customer once and in order, and as many purchases in the last profile as in the log. */
async function checkVersionsAndPurchases(): Promise<void> {
  const purchases = await read(contracts.topics.purchases);
  const versions = new Map<string, number>();
  for (const { key, value } of await read(contracts.topics.scores)) {
    const customer = Buffer.from(key ?? []).toString();
    const version = (versions.get(customer) ?? 0) + 1;
    expect(contracts.codecs.scores.decode(value ?? Buffer.of()).version).toBe(version);
    versions.set(customer, version);
  }
  const bought = new Map<string, number>();
  for (const { key } of purchases) {
    const customer = Buffer.from(key ?? []).toString();
    bought.set(customer, (bought.get(customer) ?? 0) + 1);
  }
  const spent = new Map<string, number>();
  for (const { key, value } of await read(contracts.topics.processorState)) {
    const name = Buffer.from(key ?? []).toString();
    if (!name.startsWith("p")) continue;
    const profile = contracts.codecs.processorState.decode(value ?? Buffer.of());
    spent.set(name.slice(1), profile.grossMinor / 1_000);
  }
  expect(purchases).toHaveLength(events);
  expect(spent).toEqual(bought);
}

async function read(topic: string): Promise<LogRecord[]> {
  const options = { bytesMaxPerPartition: 1_000_000, waitMsMax: 0, signal: new AbortController().signal };
  const records: LogRecord[] = [];
  for (const partition of all()) {
    const { start: first, end } = await log.offsets(topic, partition);
    for (let offset = first; offset < end;) {
      const [slice] = await log.fetch([{ topic, partition, offset }], options);
      records.push(...(slice?.records ?? []));
      offset = slice?.offsetNext ?? end;
    }
  }
  return records;
}

async function lagSeries(): Promise<string[]> {
  const found = (await metrics.text()).matchAll(/^tidemark_lag_records\{topic="t\.purchases",partition="(\d)"\}/gmu);
  return [...found].map(([, partition = ""]) => partition).toSorted();
}

function caughtUp(processors: readonly Processor[]): Promise<void> {
  return until(() => processors.every(({ ready, lagRecords }) => ready && lagRecords === 0), "all is applied");
}

function closedBehind(store: StateStore, gate: Promise<void>): StateStore {
  return {
    get: (key) => store.get(key),
    write: (changes, options) => store.write(changes, options),
    scan: (range) => store.scan(range),
    purge: () => store.purge(),
    clear: () => store.clear(),
    reopen: () => store.reopen(),
    bytes: () => store.bytes(),
    close: async () => {
      await gate;
      await store.close();
    },
  };
}

async function until(isSo: () => boolean, what: string): Promise<void> {
  for (const deadline = performance.now() + 20_000; !isSo();) {
    if (performance.now() > deadline) throw new Error(`it did not come to this: ${what}`);
    await pause(5);
  }
}

/** A linear congruential generator, 0 ≤ x < 1. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openContracts, openRegistry, type RegistryDescription, topicSpecs } from "@tidemark/contracts";
import { connectIntake } from "@tidemark/gateway/intake";
import { ThreadDied } from "@tidemark/installation";
import { connectLog, openEmbeddedLog } from "@tidemark/log-embedded";
import { systemClock } from "@tidemark/clock";
import { DirectoryLocked, type EventLog, LogUnavailable, type PartitionBatch } from "@tidemark/streams";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startLogThread, type LogThread } from "./log-thread.ts";

const PARTITIONS = 2;
const PREFIX = "t.";
let directory: string;
let thread: LogThread;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "tidemark-log-thread-"));
  thread = startLogThread();
});
afterEach(async () => {
  await thread[Symbol.asyncDispose]();
  await rm(directory, { recursive: true });
});

const open = () => thread.open({ directory: join(directory, "log"), clockScale: null }, unexpected);

test("whoever has a way into the log reads what others wrote, and it is there when it is opened again", async () => {
  const opened = await open();
  await opened.log.createTopics(topicSpecs(PREFIX, PARTITIONS));
  const other = connectLog(opened.share());
  await other.append(one("from another"));
  expect(await valuesIn(opened.log)).toEqual(["from another"]);
  await other.close();
  await opened.close();
  await expect(opened.ended).resolves.toBeUndefined();
  const again = await openEmbeddedLog({ directory: join(directory, "log"), clock: systemClock() });
  expect(await valuesIn(again)).toEqual(["from another"]);
  await again.close();
});

test("events are taken in there: checked, encoded, and durable when it is said", async () => {
  const opened = await open();
  await opened.log.createTopics(topicSpecs(PREFIX, PARTITIONS));
  const registry: RegistryDescription = { kind: "file", path: join(directory, "schemas.json") };
  const contracts = await openContracts({ registry: await openRegistry(registry), prefix: PREFIX });
  const near = opened.takeEvents({ registry, topicPrefix: PREFIX, partitions: PARTITIONS, clockMode: "wall" });
  const purchase = { type: "purchase", eventId: "e1", customerId: "c1", occurredAt: Date.now(), amountMinor: 1250 };
  const bytes = Buffer.from(`${JSON.stringify({ ...purchase, currency: "EUR" })}\n{"type":"purchase"}\n`);
  const { accepted, rejected } = await connectIntake(near).take({ form: "ndjson", bytes });
  expect([accepted, rejected.map(({ index }) => index)]).toEqual([1, [1]]);
  const slices = await opened.log.fetch(
    [0, 1].map((partition) => ({ topic: contracts.topics.purchases, partition, offset: 0 })),
    NOW,
  );
  const records = slices.flatMap((slice) => slice.records);
  expect(records.map(({ key }) => Buffer.from(key ?? []).toString())).toEqual(["c1"]);
  await opened.close();
});

test("a log that is in use by another is refused with its class", async () => {
  const first = await openEmbeddedLog({ directory: join(directory, "log"), clock: systemClock() });
  await expect(open()).rejects.toThrow(DirectoryLocked);
  await first.close();
});

test("a thread that dies is told of, and nobody waits for it", async () => {
  const opened = await open();
  await opened.log.createTopics(topicSpecs(PREFIX, PARTITIONS));
  const waiting = opened.log.fetch([{ topic: "t.purchases", partition: 0, offset: 0 }], { ...NOW, waitMsMax: 60_000 });
  const refused = waiting.catch((failure: unknown) => failure);
  // Nobody has registered this code's schemas: taking events in ends in an error that nothing in the thread expects.
  const nowhere: RegistryDescription = { kind: "file", path: directory };
  opened.takeEvents({ registry: nowhere, topicPrefix: PREFIX, partitions: PARTITIONS, clockMode: "wall" });
  await expect(opened.ended).rejects.toThrow(ThreadDied);
  await expect(opened.ended).rejects.toThrow("the thread of the log has died of an error that nobody caught");
  expect(await refused).toBeInstanceOf(LogUnavailable);
  await expect(opened.log.offsets("t.purchases", 0)).rejects.toThrow(LogUnavailable);
});

test("one that was never told to open a log is stopped", async () => {
  await expect(thread[Symbol.asyncDispose]()).resolves.toBeUndefined();
});

const NOW = { bytesMaxPerPartition: 1_000_000, waitMsMax: 0, signal: new AbortController().signal };

function unexpected(error: Error): never {
  throw error;
}

function one(value: string): PartitionBatch[] {
  return [{ topic: "t.purchases", partition: 0, records: [{ key: null, value: Buffer.from(value) }] }];
}

async function valuesIn(log: EventLog): Promise<string[]> {
  const [slice] = await log.fetch([{ topic: "t.purchases", partition: 0, offset: 0 }], NOW);
  return (slice?.records ?? []).map(({ value }) => Buffer.from(value ?? []).toString());
}

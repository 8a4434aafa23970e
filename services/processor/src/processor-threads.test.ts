import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { getPriority, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { MessageChannel } from "node:worker_threads";
import { systemClock } from "@tidemark/clock";
import { type Contracts, openContracts, openFileRegistry, topicSpecs } from "@tidemark/contracts";
import { ThreadDied } from "@tidemark/installation";
import { type EmbeddedLog, openEmbeddedLog, shareLog } from "@tidemark/log-embedded";
import { defaultArtefact } from "@tidemark/scoring";
import { JOURNAL_KEY, StoreUnavailable, VersionTooNew } from "@tidemark/streams";
import { createLogger, createMetrics, type Metrics } from "@tidemark/telemetry";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Processor } from "./processor.ts";
import { startProcessorThreads } from "./processor-threads.ts";

const PARTITIONS = 3;
let directory: string;
let log: EmbeddedLog;
let contracts: Contracts;
let metrics: Metrics;
let lines: string[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "tidemark-threads-"));
  await mkdir(join(directory, "stores"));
  log = await openEmbeddedLog({ directory: join(directory, "log"), clock: systemClock() });
  await log.createTopics(topicSpecs("t.", PARTITIONS));
  contracts = await openContracts({ registry: await openFileRegistry(join(directory, "schemas.json")), prefix: "t." });
  metrics = createMetrics("thread");
  lines = [];
});
afterEach(async () => {
  await log.close();
  await rm(directory, { recursive: true });
});

test("each partition has its task in one of the threads, and what is known of them is told as of one processor", async () => {
  await appendTicks(5);
  const processor = await start(2);
  await until(() => processor.ready && processor.lagRecords === 0);
  expect(processor.tasks.map(({ partition }) => partition)).toEqual([0, 1, 2]);
  expect(processor.tasks.map(({ counts }) => counts.ticks)).toEqual([5, 5, 5]);
  expect(processor.stages.commitMs).toBeGreaterThan(0);
  expect(await metrics.text()).toContain("\ntidemark_turn_seconds_count 15\n");

  await processor.stop();
  await processor.ended;
  expect(processor.ready).toBe(false);
  expect(await metrics.text()).toContain("\ntidemark_turn_seconds_count 15\n");
  expect(lines).toEqual([]);
});

test.runIf(process.platform === "linux")("the threads stand back for those that answer queries", async () => {
  const before = await niceThreads();
  const processor = await start(2);
  expect(await niceThreads()).toBe(before + 2);
  await processor.stop();
});

test("what ends a task ends all threads, and arrives with its class and message", async () => {
  await appendTicks(1);
  const before = await start(2);
  await until(() => before.ready && before.lagRecords === 0);
  await before.stop();
  await writeJournalOfNewerCode(1);

  const processor = await start(3);
  await expect(processor.ended).rejects.toThrow(VersionTooNew);
  await expect(processor.ended).rejects.toThrow(/partition 1 was worked on by newer code/);
  await expect(processor.stop()).rejects.toThrow(VersionTooNew);
  expect(processor.ready).toBe(false);
});

test("where a store cannot be opened nothing is started", async () => {
  await writeFile(join(directory, "stores", "1"), "not a directory");
  await expect(start(2)).rejects.toThrow(StoreUnavailable);
  await rm(join(directory, "stores", "1"));
  // Nobody has the others' stores any more.
  await (await start(3)).stop();
});

test("a thread that dies of something else is named, and ends the others cleanly", async () => {
  const { port1, port2 } = new MessageChannel();
  const ports = [port2];
  const processor = await start(2, () => ports.pop() ?? shareLog(log));
  await until(() => processor.tasks.some(({ state }) => state === "running"));
  // What is no answer makes the thread fail outside its tasks.
  port1.postMessage(null, []);
  await expect(processor.ended).rejects.toThrow(ThreadDied);
  await expect(processor.ended).rejects.toThrow("the thread processor-0 has died of an error that nobody caught");
  expect(processor.tasks.map(({ partition, state }) => ({ partition, state }))).toContainEqual({
    partition: 1,
    state: "closing",
  });
  expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([
    { level: "error", msg: "a processor thread has died", error: { type: "ThreadDied", cause: { type: "TypeError" } } },
  ]);
  port1.close();
});

function start(threads: number, share = () => shareLog(log)): Promise<Processor> {
  return startProcessorThreads({
    setup: {
      topicPrefix: "t.",
      partitions: PARTITIONS,
      registry: { kind: "file", path: join(directory, "schemas.json") },
      stores: join(directory, "stores"),
      artefact: defaultArtefact(),
      consentDefault: "granted",
      mode: "event",
      clockScale: null,
      limits: {},
      bootId: "test",
      logLevel: "silent",
    },
    threads,
    log: { kind: "shared", share },
    standsBack: true,
    metrics,
    logger: createLogger({ level: "debug", name: "main", destination: { write: (line) => lines.push(line) } }),
  });
}

/** Threads of this process with a priority below the ordinary one. */
async function niceThreads(): Promise<number> {
  const threads = await readdir("/proc/self/task");
  return threads.filter((id) => getPriority(Number(id)) > 0).length;
}

async function appendTicks(count: number): Promise<void> {
  for (let at = 1; at <= count; at += 1) {
    const records = [{ key: null, value: contracts.codecs.ticks.encode({ at }) }];
    await log.append(
      Array.from({ length: PARTITIONS }, (_, partition) => ({ topic: contracts.topics.ticks, partition, records })),
    );
  }
}

async function writeJournalOfNewerCode(partition: number): Promise<void> {
  const { topics, codecs } = contracts;
  const { start: offset, end } = await log.offsets(topics.journal, partition);
  const options = { bytesMaxPerPartition: 1_000_000, waitMsMax: 0, signal: new AbortController().signal };
  const [slice] = await log.fetch([{ topic: topics.journal, partition, offset }], options);
  expect(slice?.records).toHaveLength(end - offset);
  const entry = codecs.journal.decode(slice?.records.at(-1)?.value ?? Buffer.of());
  const value = codecs.journal.encode({ ...entry, minReaderVersion: 99 });
  await log.append([{ topic: topics.processorState, partition, records: [{ key: JOURNAL_KEY, value }] }]);
}

async function until(isSo: () => boolean): Promise<void> {
  for (const deadline = performance.now() + 20_000; !isSo();) {
    expect(performance.now()).toBeLessThan(deadline);
    await pause(5);
  }
}

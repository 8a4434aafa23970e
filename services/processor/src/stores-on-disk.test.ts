import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { systemClock } from "@tidemark/clock";
import { openContracts, openFileRegistry, topicSpecs } from "@tidemark/contracts";
import { type EmbeddedLog, openEmbeddedLog } from "@tidemark/log-embedded";
import { defaultArtefact } from "@tidemark/scoring";
import { openLevelStore } from "@tidemark/store-level";
import { fixedOwnership, type PartitionOwnership, READER_VERSION } from "@tidemark/streams";
import { createLogger, createMetrics } from "@tidemark/telemetry";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Processor } from "./processor.ts";
import { startProcessorHere } from "./processor-here.ts";
import { ScriptedOwnership } from "./scripted-ownership.ts";
import type { ProcessorSetup } from "./thread-messages.ts";

const PARTITIONS = 3;
const clock = systemClock();
let directory: string;
let log: EmbeddedLog;
let setup: ProcessorSetup;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "tidemark-stores-"));
  await mkdir(join(directory, "stores"));
  log = await openEmbeddedLog({ directory: join(directory, "log"), clock });
  await log.createTopics(topicSpecs("t.", PARTITIONS));
  setup = {
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
  };
});
afterEach(async () => {
  await log.close();
  await rm(directory, { recursive: true });
});

test("a processor that does not own anything yet tells of what its stores hold from earlier", async () => {
  await workOff();
  await writeFile(join(directory, "stores", "readme.txt"), "no store");
  const ownership = new ScriptedOwnership();
  const processor = await start(ownership);
  const { processorState } = await topics();
  const ends = await Promise.all([0, 1, 2].map((partition) => log.offsets(processorState, partition)));
  expect(ownership.reports()).toEqual(
    ends.map(({ end }, partition) => ({ partition, offset: end, readerVersionMin: READER_VERSION })),
  );
  await processor.stop();
});

test("a store that another has open, and one that is damaged, are left out", async () => {
  await workOff();
  const inUse = await openLevelStore({ directory: join(directory, "stores", "0") });
  await rm(join(directory, "stores", "1"), { recursive: true });
  await writeFile(join(directory, "stores", "1"), "not a directory");
  const ownership = new ScriptedOwnership();
  const processor = await start(ownership);
  expect(ownership.reports().map(({ partition }) => partition)).toEqual([2]);
  await processor.stop();
  await inUse.close();
});

test("before the first start there is nothing to tell", async () => {
  await rm(join(directory, "stores"), { recursive: true });
  const ownership = new ScriptedOwnership();
  const processor = await start(ownership);
  expect(ownership.reports()).toEqual([]);
  await processor.stop();
});

function start(ownership: PartitionOwnership): Promise<Processor> {
  const metrics = createMetrics("thread");
  const logger = createLogger({ level: "silent", name: "test" });
  return startProcessorHere(setup, { log, clock, token: () => crypto.randomUUID(), metrics, logger, ownership });
}

async function topics() {
  const registry = await openFileRegistry(join(directory, "schemas.json"));
  return (await openContracts({ registry, prefix: "t." })).topics;
}

/** Lets a processor take a TICK in every partition, and stop cleanly. */
async function workOff(): Promise<void> {
  const registry = await openFileRegistry(join(directory, "schemas.json"));
  const contracts = await openContracts({ registry, prefix: "t." });
  const records = [{ key: null, value: contracts.codecs.ticks.encode({ at: 1 }) }];
  await log.append([0, 1, 2].map((partition) => ({ topic: contracts.topics.ticks, partition, records })));
  const processor = await start(fixedOwnership([0, 1, 2]));
  for (const deadline = performance.now() + 20_000; !processor.ready || processor.lagRecords > 0;) {
    expect(performance.now()).toBeLessThan(deadline);
    await pause(5);
  }
  await processor.stop();
}

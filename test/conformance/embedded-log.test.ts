import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openEmbeddedLog } from "@tidemark/log-embedded";
import { MemoryLevel } from "memory-level";
import { eventLogConformance } from "./event-log-conformance.ts";
import { eventLogModelConformance } from "./event-log-model.ts";
import type { LogUnderTest } from "./log-under-test.ts";
import { systemClock } from "./system-clock.ts";

const LONG = process.env["TIDEMARK_TEST_LONG"] === "1";

async function inMemory(level = new MemoryLevel()): Promise<LogUnderTest> {
  const log = await openEmbeddedLog({ level, clock: systemClock });
  return {
    log,
    reopen: async () => {
      await log.close();
      return inMemory(level);
    },
    dispose: () => log.close(),
  };
}

async function onDisk(directory?: string): Promise<LogUnderTest> {
  const place = directory ?? (await mkdtemp(join(tmpdir(), "tidemark-log-")));
  const log = await openEmbeddedLog({ directory: place, clock: systemClock });
  return {
    log,
    reopen: async () => {
      await log.close();
      return onDisk(place);
    },
    dispose: async () => {
      await log.close();
      await rm(place, { recursive: true });
    },
  };
}

/** Nothing is kept of the tail and segments are tiny, so that everything is read back from the disk. */
async function withoutMemory(directory?: string): Promise<LogUnderTest> {
  const place = directory ?? (await mkdtemp(join(tmpdir(), "tidemark-log-")));
  const limits = { tailBytesMax: 0, segmentBytesMax: 2_000, groupBytesMax: 10_000, maintenanceIntervalMs: 20 };
  const log = await openEmbeddedLog({ directory: place, clock: systemClock, limits });
  return {
    log,
    reopen: async () => {
      await log.close();
      return withoutMemory(place);
    },
    dispose: async () => {
      await log.close();
      await rm(place, { recursive: true });
    },
  };
}

eventLogConformance("the embedded log in memory", () => inMemory());
eventLogConformance("the embedded log on disk", () => onDisk());
eventLogConformance("the embedded log that keeps nothing in memory", () => withoutMemory());
eventLogModelConformance("the embedded log in memory", () => inMemory(), LONG ? 1_000 : 60);
eventLogModelConformance("the embedded log on disk", () => onDisk(), LONG ? 200 : 10);
eventLogModelConformance("the embedded log that keeps nothing in memory", () => withoutMemory(), LONG ? 500 : 30);

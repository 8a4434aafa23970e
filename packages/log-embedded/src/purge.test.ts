import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { EventLog } from "@tidemark/streams";
import { afterEach, beforeEach, expect, it } from "vitest";
import { ManualClock } from "./manual-clock.ts";
import { openEmbeddedLog } from "./open-embedded-log.ts";

const LIMITS = {
  segmentMsMax: 1_000,
  tombstoneRetentionMs: 50_000,
  maintenanceIntervalMs: 1_000_000_000,
  purgeIntervalMs: 0,
};

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "tidemark-purge-"));
});
afterEach(() => rm(directory, { recursive: true }));

it("what compaction and retention have taken out is on no disk any more, nor is a deletion mark in a partition that is quiet", async () => {
  const clock = new ManualClock();
  const onProblem = (error: unknown): void => {
    throw error;
  };
  const log = await openEmbeddedLog({ directory, clock, limits: LIMITS, onProblem });
  await log.createTopics([
    { name: "profiles", partitions: 1, policy: { cleanup: "compact", compactionLagMsMax: 10_000 } },
    { name: "events", partitions: 1, policy: { cleanup: "delete", retentionMs: 10_000 } },
  ]);
  await put(log, "profiles", "gone-key", "gone-profile");
  await put(log, "profiles", "kept-key", "old-profile");
  await put(log, "profiles", "kept-key", "kept-profile");
  await put(log, "events", "gone-key", "gone-event");
  await put(log, "profiles", "gone-key", null);
  expect(await found()).toEqual(["gone-key", "gone-profile", "gone-event", "old-profile", "kept-profile"]);

  clock.advance(20_000);
  await log.maintain();
  // Its deletion mark is left.
  expect(await found()).toEqual(["gone-key", "kept-profile"]);
  clock.advance(60_000);
  await log.maintain();
  expect(await found()).toEqual(["kept-profile"]);
  await log.close();
});

async function put(log: EventLog, topic: string, key: string, value: string | null): Promise<void> {
  const record = { key: Buffer.from(key), value: value === null ? null : Buffer.from(value) };
  await log.append([{ topic, partition: 0, records: [record] }]);
}

/** Which of the words lie in any file. */
async function found(): Promise<readonly string[]> {
  const files = await Promise.all((await readdir(directory)).map((name) => readFile(join(directory, name), "latin1")));
  const words = ["gone-key", "gone-profile", "gone-event", "old-profile", "kept-profile"];
  return words.filter((word) => files.some((text) => text.includes(word)));
}

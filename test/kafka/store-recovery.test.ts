import { open, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { until } from "../integration/until.ts";
import { type EventFeed, openFeed } from "./event-feed.ts";
import { type Installation, openInstallation } from "./installation.ts";
import { logWrapped } from "./log-wrapped.ts";
import { type ProcessorInTest, startInTest } from "./processor-in-test.ts";
import { allTaken, settled } from "./processor-fleet.ts";
import { sharedBrokers } from "./topic-space.ts";

const PARTITIONS = 2;
const EVENTS = 3_000;
const MS_MAX = 300_000;

let installation: Installation;
let feed: EventFeed;
let strangers: EventFeed;

beforeAll(async () => {
  const brokers = await sharedBrokers();
  installation = await openInstallation({ brokers, partitions: PARTITIONS, limits: { flushIntervalMs: 200 } });
  const pace = { brokers, batchRecords: 25, everyMs: 20 };
  feed = await openFeed(installation, { ...pace, seed: 11, customers: 150 });
  strangers = await openFeed(installation, { ...pace, seed: 12, customers: 1_000_000 });
}, 120_000);
afterAll(async () => {
  await Promise.all([feed[Symbol.asyncDispose](), strangers[Symbol.asyncDispose]()]);
  await installation[Symbol.asyncDispose]();
});

test(
  "a processor that was killed goes on from its store: it reads the end of the changelog, not all of it",
  async ({ annotate }) => {
    const doomed = installation.fleet.start("machine-1");
    await settled([doomed], PARTITIONS, MS_MAX);
    await feed.send(EVENTS);
    await allTaken([doomed], await installation.inputRecords(), MS_MAX);
    await feed.send(25);
    await doomed.kill();

    const { processor, restored } = await restart();
    const changelog = await changelogRecords();
    await annotate(`${restored.records} of ${changelog} records of the changelog were read again`);

    expect(changelog).toBeGreaterThan(1_000);
    expect(restored.records).toBeLessThan(changelog / 4);
    expect(restored.fromStart).toEqual([]);
    expect(processor.lines).toEqual([]);
    await processor.stop();
  },
  MS_MAX,
);

test(
  "a byte of the store that was flipped while nothing ran is found, and the store is mended from the changelog",
  async ({ annotate }) => {
    const doomed = installation.fleet.start("machine-1");
    await settled([doomed], PARTITIONS, MS_MAX);
    // Each of whom is heard of once: what is written later would heal what is flipped.
    await strangers.send(2_000);
    await allTaken([doomed], await installation.inputRecords(), MS_MAX);
    await doomed.kill();
    await flipByte(join(installation.setup.stores, "machine-1", "0"));

    const { processor, restored } = await restart();
    await until("the damage is found", () => (restored.fromStart.includes(0) ? true : null), MS_MAX);
    await processor.caughtUp();
    await processor.stop();

    // Of the store that was not touched nothing is read again but the end.
    expect(restored.fromStart).toEqual([0]);
    await annotate(JSON.stringify(await installation.check()));
  },
  MS_MAX,
);

interface Restored {
  records: number;
  /** Partitions whose changelog was read from its beginning. */
  readonly fromStart: number[];
}

async function restart(): Promise<{ readonly processor: ProcessorInTest; readonly restored: Restored }> {
  const restored: Restored = { records: 0, fromStart: [] };
  const { processorState } = installation.contracts.topics;
  const log = logWrapped(installation.log, {
    slice(slice) {
      if (slice.topic !== processorState) return slice;
      restored.records += slice.records.length;
      if (slice.records[0]?.offset === 0) restored.fromStart.push(slice.partition);
      return slice;
    },
  });
  const processor = await startInTest(installation, { log });
  await processor.caughtUp();
  return { processor, restored };
}

async function changelogRecords(): Promise<number> {
  const { processorState } = installation.contracts.topics;
  const ends = await Promise.all(
    Array.from({ length: PARTITIONS }, async (_, partition) => installation.log.offsets(processorState, partition)),
  );
  return ends.reduce((sum, { end }) => sum + end, 0);
}

/** In the middle of the newest file of the store's own log, where all rows are that were written since it was opened. */
async function flipByte(folder: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".log"));
  const files = await Promise.all(
    names.map(async (name) => ({ path: join(folder, name), bytes: (await stat(join(folder, name))).size })),
  );
  const [largest] = files.sort((one, other) => other.bytes - one.bytes);
  if (largest === undefined) throw new Error("the store has no files");
  await using file = await open(largest.path, "r+");
  const place = Math.floor(largest.bytes / 2);
  const byte = Buffer.alloc(1);
  await file.read(byte, 0, 1, place);
  byte.writeUInt8(byte.readUInt8() ^ 1);
  await file.write(byte, 0, 1, place);
}

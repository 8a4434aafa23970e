import { afterEach, beforeEach, expect, test } from "vitest";
import { type EventFeed, openFeed } from "./event-feed.ts";
import { type Installation, openInstallation } from "./installation.ts";
import { logWrapped } from "./log-wrapped.ts";
import { startInTest } from "./processor-in-test.ts";
import { sharedBrokers } from "./topic-space.ts";

const PARTITIONS = 2;
const YEAR_MS = 365 * 86_400_000;

let installation: Installation;
let feed: EventFeed;

beforeEach(async () => {
  const brokers = await sharedBrokers();
  installation = await openInstallation({ brokers, partitions: PARTITIONS });
  feed = await openFeed(installation, { brokers, seed: 19, customers: 50, batchRecords: 20, everyMs: 10 });
  const before = await startInTest(installation);
  await feed.send(200);
  await before.caughtUp();
  await before.stop();
});
afterEach(async () => {
  await feed[Symbol.asyncDispose]();
  await installation[Symbol.asyncDispose]();
});

test("time that runs a year ahead of what the brokers stamp halts the processor, not ready, and nothing is committed", async () => {
  const turnsBefore = await journalEnds();
  await feed.send(100);
  // As a broker would make it appear whose clock has jumped: what the partition is complete to, and nothing else.
  const log = logWrapped(installation.log, {
    slice: (slice) => ({ ...slice, completeTo: slice.completeTo + YEAR_MS }),
  });
  const processor = await startInTest(installation, { log });

  await expect(processor.ended).rejects.toMatchObject({ code: "CLOCK_HALTED" });

  expect(processor.ready).toBe(false);
  expect(await journalEnds()).toEqual(turnsBefore);
  // With the clock set right everything goes on, as if nothing had happened.
  const mended = await startInTest(installation);
  await mended.caughtUp();
  await mended.stop();
  expect((await installation.check()).inputs).toBeGreaterThanOrEqual(300);
});

test("a processor whose own clock is a year ahead, or a day behind, goes by the brokers' and changes nothing", async () => {
  for (const clockAheadMs of [YEAR_MS, -86_400_000]) {
    const processor = await startInTest(installation, { clockAheadMs });
    await feed.send(100);
    await processor.caughtUp();
    await processor.stop();
  }

  const run = await installation.readRun();
  const ticks = run.topics.journal.flat().map(({ value, appendedAt }) => {
    return Math.abs((run.decode(value) as { readonly tickMs: number }).tickMs - appendedAt);
  });
  expect(Math.max(...ticks)).toBeLessThan(YEAR_MS / 365);
  expect((await installation.check()).inputs).toBeGreaterThanOrEqual(400);
});

async function journalEnds(): Promise<readonly number[]> {
  const { journal } = installation.contracts.topics;
  return Promise.all(
    Array.from(
      { length: PARTITIONS },
      async (_, partition) => (await installation.log.offsets(journal, partition)).end,
    ),
  );
}

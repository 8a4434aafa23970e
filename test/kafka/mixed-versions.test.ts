import { readFile } from "node:fs/promises";
import { type JournalEntry, openFileRegistry } from "@tidemark/contracts";
import { READER_VERSION } from "@tidemark/streams";
import avsc from "avsc";
import { readAll } from "../conformance/log-under-test.ts";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type EventFeed, openFeed } from "./event-feed.ts";
import { type Installation, openInstallation } from "./installation.ts";
import { checkRun } from "./oracle/check-run.ts";
import { type ReadRecord, textOf } from "./oracle/run-records.ts";
import { startInTest } from "./processor-in-test.ts";
import { sharedBrokers } from "./topic-space.ts";

const PARTITIONS = 1;

let installation: Installation;
let feed: EventFeed;

beforeEach(async () => {
  const brokers = await sharedBrokers();
  installation = await openInstallation({ brokers, partitions: PARTITIONS });
  feed = await openFeed(installation, { brokers, seed: 31, customers: 40, batchRecords: 20, everyMs: 10 });
  const processor = await startInTest(installation);
  await feed.send(200);
  await processor.caughtUp();
  await processor.stop();
});
afterEach(async () => {
  await feed[Symbol.asyncDispose]();
  await installation[Symbol.asyncDispose]();
});

test("a partition whose journal wants newer code is declined: not a byte of it is written anew", async () => {
  await asNewerCode(READER_VERSION + 1);
  const before = await ends();
  await feed.send(50);

  const older = await startInTest(installation, { machine: "older" });
  await expect(older.ended).rejects.toMatchObject({ code: "VERSION_TOO_NEW" });

  expect(older.ready).toBe(false);
  const after = await ends();
  // Its barrier and the marker that ends a transaction are all that it has left.
  expect(after.changelog - before.changelog).toBeLessThanOrEqual(2);
  expect(after.journal).toBe(before.journal);
});

test("what newer code wrote, and lets older code read, older code goes on from with every field it knows, and newer code from that", async () => {
  const newer = await asNewerCode(READER_VERSION);

  const older = await startInTest(installation, { machine: "older" });
  await feed.send(200);
  await older.caughtUp();
  await older.stop();

  // I1 to I3 over everything that either has written: sums, versions and deduplication are those of one history.
  const run = await installation.readRun();
  expect(checkRun(run).inputs).toBeGreaterThanOrEqual(400);
  const schemaIds = new Set(profilesOf(run.topics.processorState[0] ?? []).map(({ value }) => value?.readInt32BE(1)));
  expect(schemaIds.size).toBe(2);
  // And back: newer code reads what the older wrote, its own field at its default.
  const written = profilesOf(run.topics.processorState[0] ?? []).at(-1)?.value ?? Buffer.of();
  const type = avsc.Type.forSchema(JSON.parse(installation.schemaOf(written.readInt32BE(1)) ?? "") as avsc.Schema);
  const read = newer.fromBuffer(written.subarray(5), newer.createResolver(type)) as Record<string, unknown>;
  expect(read["ofNewerCode"]).toBe("unset");
  expect(read).toMatchObject(type.fromBuffer(written.subarray(5)) as object);
});

/**
 * Commits a turn as the next release might: every profile with one field more, and a journal entry that says which
 * code may go on.
 * @returns the newer schema of profiles
 */
async function asNewerCode(minReaderVersion: number): Promise<avsc.Type> {
  const { contracts, log, setup } = installation;
  const { processorState, journal } = contracts.topics;
  const records = await readChangelog();
  const last = records.findLast(({ key }) => textOf(key) === "j");
  const entry = contracts.codecs.journal.decode(last?.value ?? Buffer.of());
  const schema = JSON.parse(await readFile(new URL("../../schemas/processor-state.avsc", import.meta.url), "utf8")) as {
    fields: object[];
  };
  schema.fields.push({ name: "ofNewerCode", type: "string", default: "unset" });
  if (setup.registry.kind !== "file") throw new Error("the registry is a file");
  const registry = await openFileRegistry(setup.registry.path);
  const id = await registry.register(`${processorState}-value`, JSON.stringify(schema), "FULL_TRANSITIVE");
  const type = avsc.Type.forSchema(schema as avsc.Schema);
  const newest = new Map(profilesOf(records).map((record) => [textOf(record.key), record]));
  const profiles = [...newest.values()].map(({ key, value }) => {
    const profile = contracts.codecs.processorState.decode(value ?? Buffer.of());
    return { key, value: Buffer.concat([header(id), type.toBuffer({ ...profile, ofNewerCode: "set" })]) };
  });
  const writer = await log.openWriter(`${processorState}-0`);
  const next: JournalEntry = { ...entry, turn: entry.turn + 1, minReaderVersion };
  const journalRecord = { key: Buffer.from("j"), value: contracts.codecs.journal.encode(next) };
  await writer.commit([
    { topic: processorState, partition: 0, records: [...profiles, journalRecord] },
    { topic: journal, partition: 0, records: [journalRecord] },
  ]);
  await writer.close();
  return type;
}

async function readChangelog(): Promise<readonly ReadRecord[]> {
  const { log, contracts } = installation;
  return (await readAll(log, contracts.topics.processorState, 0)).map(({ key, value, ...record }) => ({
    ...record,
    key: Buffer.from(key ?? []),
    value: value === null ? null : Buffer.from(value),
  }));
}

async function ends(): Promise<{ readonly changelog: number; readonly journal: number }> {
  const { log, contracts } = installation;
  const [changelog, journal] = await Promise.all([
    log.offsets(contracts.topics.processorState, 0),
    log.offsets(contracts.topics.journal, 0),
  ]);
  return { changelog: changelog.end, journal: journal.end };
}

function header(schemaId: number): Buffer {
  const bytes = Buffer.alloc(5);
  bytes.writeInt32BE(schemaId, 1);
  return bytes;
}

function profilesOf(records: readonly ReadRecord[]): readonly ReadRecord[] {
  return records.filter(({ key }) => textOf(key).startsWith("p"));
}

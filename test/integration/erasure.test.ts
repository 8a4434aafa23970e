import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { LOG_LIMITS, openEmbeddedLog } from "@tidemark/log-embedded";
import { openLevelStore } from "@tidemark/store-level";
import { partitionOf } from "@tidemark/streams";
import { afterAll, beforeAll, expect, test } from "vitest";
import { ManualClock } from "../../packages/log-embedded/src/manual-clock.ts";
import { purchaseBytes } from "./avro-purchase.ts";
import { openDataLog } from "./data-log.ts";
import { openSandbox, type Sandbox } from "./sandbox.ts";
import { until } from "./until.ts";

// Everything about one customer has "canary" in it and comes by every road. Once the customer is erased and the log's own bounds have
// passed, no file of the installation may hold the word; of a customer who was not erased, one still does.

const CANARY = "canary-customer";
const KEEPER = "keeper-customer";
const PARTITIONS = 4;
const DAY_MS = 86_400_000;
/** Beyond every retention: what can go only by it is gone then. */
const YEARS_MS = 4 * 365 * DAY_MS;
let sandbox: Sandbox;
let directory: string;

beforeAll(async () => {
  sandbox = await openSandbox();
  directory = join(sandbox.folder, ".tidemark/data");
});
afterAll(() => sandbox[Symbol.asyncDispose]());

test("of a customer who is erased nothing is left in any file once retention and compaction have passed", async () => {
  await byImport();
  await asDeadLetter();
  let server = await sandbox.start([]);
  await byHttp(server.url);
  expect(await sandbox.run(["replay"])).toMatchObject({ code: 0 });
  await until("all of it is applied", async () => ((await purchasesOf(server.url, CANARY)) === 5 ? true : null));
  await until("the other one too", async () => ((await purchasesOf(server.url, KEEPER)) === 1 ? true : null));
  const logged = [server.said().stderr];

  const erased = await sandbox.run(["erase", CANARY, "--json"]);
  expect(erased).toMatchObject({ code: 0, stderr: "" });
  expect(JSON.parse(erased.stdout)).toMatchObject({ erasedAt: expect.stringMatching(/^\d{4}-/) as string });
  expect(erased.stdout).not.toContain("canary");
  expect((await fetch(`${server.url}/v1/customers/${CANARY}`)).status).toBe(410);
  expect(await sandbox.run(["score", CANARY])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("erased") as string,
  });
  const exported = await sandbox.run(["export", CANARY]);
  expect(exported).toMatchObject({ code: 1, stderr: expect.stringContaining("erased") as string });
  // A file that is imported again brings nobody back.
  await byImport("again");
  expect((await fetch(`${server.url}/v1/customers/${CANARY}`)).status).toBe(410);
  expect(await server.stop()).toMatchObject({ code: 0 });
  logged.push(server.said().stderr);
  expect(logged.join("")).not.toContain("canary");

  expect(await filesWith("canary")).toEqual(expect.arrayContaining([expect.stringContaining("log/") as string]));
  // A clean stop leaves nothing in the stores; what LevelDB remembers of where its files begin goes with the next start.
  await letTimePass();
  server = await sandbox.start([]);
  expect((await fetch(`${server.url}/v1/customers/${KEEPER}`)).status).toBe(200);
  expect((await fetch(`${server.url}/v1/customers/${CANARY}`)).status).toBe(410);
  expect(await server.stop()).toMatchObject({ code: 0 });

  expect(await filesWith("canary")).toEqual([]);
  expect(await recordsWith("canary")).toEqual([]);
  expect((await filesWith("keeper")).length).toBeGreaterThan(0);
  expect(await recordsWith("keeper")).not.toEqual([]);
  expect((await stat(join(directory, "erasure.key"))).mode & 0o777).toBe(0o600);
}, 180_000);

test("a directory whose secret is lost is refused once somebody was erased", async () => {
  const key = join(directory, "erasure.key");
  const { rm } = await import("node:fs/promises");
  await rm(key);
  const started = await sandbox.begin(["start", "--port", "0"]).ended;
  expect(started).toMatchObject({ code: 3, stderr: expect.stringContaining("secret") as string });
}, 60_000);

async function byImport(note = ""): Promise<void> {
  const rows = [
    "customer,time,amount,order",
    `${CANARY},2024-01-01,10.00,canary-order-1`,
    `${CANARY},2024-02-01,not-a-number,canary-order-2`,
    `${KEEPER},2024-01-01,10.00,keeper-order`,
    ...(note === "" ? [] : [`${KEEPER},2024-01-01,10.00,${note}`]),
  ];
  const words = ["import", "-", "--source", "canary-source", "--rejects", join(sandbox.folder, "rejects.csv")];
  expect(await sandbox.run(words, { input: `${rows.join("\n")}\n` })).toMatchObject({ code: 1 });
}

/** A purchase in a wrong partition. */
async function asDeadLetter(): Promise<void> {
  await using data = await openDataLog(directory);
  const key = Buffer.from(CANARY);
  const value = purchaseBytes({
    schemaId: data.contracts.codecs.purchases.schemaId,
    eventId: "canary-event-astray",
    customerId: CANARY,
    occurredAt: BigInt(Date.now() - DAY_MS),
    amountMinor: 100n,
    category: "canary-category-astray",
  });
  const partition = (partitionOf(key, PARTITIONS) + 1) % PARTITIONS;
  await data.log.append([{ topic: data.contracts.topics.purchases, partition, records: [{ key, value }] }]);
}

async function byHttp(url: string): Promise<void> {
  const now = Date.now();
  const of = (n: number) => ({ customerId: CANARY, eventId: `canary-event-${n}`, occurredAt: now - n * DAY_MS });
  const bought = { type: "purchase", kind: "PURCHASE", amountMinor: 9_900, currency: "EUR" };
  const events = [
    { ...of(1), ...bought, orderId: "canary-order-3", category: "canary-category", channel: "canary-channel" },
    { ...of(2), ...bought, attributes: { "canary-name": "canary-attribute" }, source: "canary-source-http" },
    { ...of(3), ...bought },
    { ...of(4), type: "interaction", kind: "BALANCE", product: "canary-product", balanceMinor: 5, currency: "EUR" },
    { ...of(5), type: "interaction", kind: "CAMPAIGN_EXPOSURE", campaign: "canary-campaign" },
    { ...of(6), type: "complaint", kind: "OPENED", complaintId: "canary-complaint", category: "canary-trouble" },
    { ...of(7), type: "customer", segment: "canary-segment", region: "canary-region", custom: { "canary-fact": 7 } },
    // No rate to the base currency: a dead letter that stays one.
    { ...of(8), ...bought, currency: "CHF", category: "canary-category-letter" },
  ];
  const headers = { "content-type": "application/json" };
  const response = await fetch(`${url}/v1/events`, { method: "POST", body: JSON.stringify({ events }), headers });
  expect(await response.json()).toMatchObject({ accepted: events.length });
}

async function purchasesOf(url: string, id: string): Promise<number> {
  const response = await fetch(`${url}/v1/customers/${id}`);
  if (response.status !== 200) return 0;
  return ((await response.json()) as { readonly profile: { readonly purchases: number } }).profile.purchases;
}

/** Retention, compaction and purges of years, in a moment. */
async function letTimePass(): Promise<void> {
  const clock = new ManualClock(Date.now());
  const problems: unknown[] = [];
  const log = await openEmbeddedLog({
    directory: join(directory, "log"),
    clock,
    limits: { purgeIntervalMs: 0, maintenanceIntervalMs: 10 * YEARS_MS, segmentMsMax: LOG_LIMITS.segmentMsMax },
    onProblem: (error) => problems.push(error),
  });
  for (let pass = 0; pass < 3; pass += 1) {
    clock.advance(YEARS_MS);
    await log.maintain();
  }
  await log.close();
  expect(problems).toEqual([]);
}

/** Files of the installation that hold the word, as they lie on the disk: nothing of ours is compressed. */
async function filesWith(word: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const text = `${path.slice(directory.length)}\n${await readFile(path, "latin1")}`;
    if (writtenAs(word).some((form) => text.includes(form))) {
      found.push(path.slice(directory.length + 1));
    }
  }
  return found;
}

/** As it is, and as it looks within base64, which checkpoints carry the journal's entry in. */
function writtenAs(word: string): readonly string[] {
  const shifted = [0, 1, 2].map((before) => {
    const text = Buffer.from(`${"?".repeat(before)}${word}`).toString("base64");
    // Without the characters that what comes before and after it has a part in.
    return text.slice(before === 0 ? 0 : before + 1, Math.floor(((before + word.length) * 4) / 3));
  });
  return [word, ...shifted];
}

/** What the log and the stores still tell of the word, through their own readers. */
async function recordsWith(word: string): Promise<readonly string[]> {
  const found: string[] = [];
  const holds = (bytes: Uint8Array | null): boolean => Buffer.from(bytes ?? []).includes(word);
  await using data = await openDataLog(directory);
  for (const { name } of await data.log.topics()) {
    for (const records of await data.read(name)) {
      if (records.some(({ key, value }) => holds(key) || holds(value))) found.push(name);
    }
  }
  for (const kind of ["stores", "views"]) {
    for (const name of await readdir(join(directory, kind))) {
      const store = await openLevelStore({ directory: join(directory, kind, name) });
      const rows = await store.scan({ from: "", to: "\u{10FFFF}", limit: 10_000 });
      if (rows.some(({ key, value }) => key.includes(word) || holds(value))) found.push(`${kind}/${name}`);
      await store.close();
    }
  }
  return found;
}

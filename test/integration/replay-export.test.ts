import { join } from "node:path";
import { partitionOf } from "@tidemark/streams";
import { afterAll, beforeAll, expect, test } from "vitest";
import { purchaseBytes } from "./avro-purchase.ts";
import { openDataLog } from "./data-log.ts";
import { openSandbox, type Sandbox, type Server } from "./sandbox.ts";
import { until } from "./until.ts";

// A purchase in a wrong partition becomes a dead letter; put back, it lies in the right one.

const CUSTOMER = "moved";
const AMOUNT_MINOR = 1_234;
const PARTITIONS = 4;
let sandbox: Sandbox;
let server: Server;

beforeAll(async () => {
  sandbox = await openSandbox();
  const row = "customer,time,amount\nsomebody,2024-01-01,1.00\n";
  expect(await sandbox.run(["import", "-"], { input: row })).toMatchObject({ code: 0 });
  await writeToWrongPartition();
  server = await sandbox.start([]);
}, 120_000);
afterAll(() => sandbox[Symbol.asyncDispose]());

test("a dead letter that was put back is applied; put back once, unless it is asked for again", async () => {
  await until("it is a dead letter", async () => {
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    return /outcome="dead_letter"\} 1$/mu.test(metrics) ? true : null;
  });
  expect((await fetch(`${server.url}/v1/customers/${CUSTOMER}`)).status).toBe(404);

  expect(await replay("--code", "UNKNOWN_CURRENCY")).toEqual({ letters: 1, replayed: 0, others: 1, lost: 0 });
  expect(await replay()).toEqual({ letters: 1, replayed: 1, others: 0, lost: 0 });
  await until("it is applied", async () => {
    const { profile } = (await (await fetch(`${server.url}/v1/customers/${CUSTOMER}`)).json()) as ProfileOf;
    return profile?.spendMinor === AMOUNT_MINOR ? true : null;
  });
  expect(await replay()).toEqual({ letters: 0, replayed: 0, others: 0, lost: 0 });
  expect(await replay("--again")).toEqual({ letters: 1, replayed: 1, others: 0, lost: 0 });
  await until("the second is a duplicate", async () => {
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    return /outcome="duplicate"\} 1$/mu.test(metrics) ? true : null;
  });
}, 60_000);

test("all that is stored about a customer is told, and nothing of others; of a server that runs as of a free directory", async () => {
  const running = await exported(CUSTOMER);
  expect(new Set(running.map(({ topic }) => topic))).toEqual(
    new Set(["purchases", "processor-state", "scores", "tier-changes", "dead-letters"]),
  );
  const purchases = running.filter(({ topic }) => topic === "purchases");
  expect(purchases.map(({ record }) => record)).toMatchObject([
    { customerId: CUSTOMER, amountMinor: AMOUNT_MINOR },
    { customerId: CUSTOMER, amountMinor: AMOUNT_MINOR },
    { customerId: CUSTOMER, amountMinor: AMOUNT_MINOR },
  ]);
  expect(JSON.stringify(running)).not.toContain("somebody");

  expect(await server.stop()).toMatchObject({ code: 0 });
  expect(await exported(CUSTOMER)).toEqual(running);
  const nobody = await sandbox.run(["export", "nobody"]);
  expect(nobody).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining("no such customer") as string });
}, 60_000);

interface ProfileOf {
  readonly profile?: { readonly spendMinor: number };
}

async function replay(...words: readonly string[]): Promise<unknown> {
  const { code, stdout, stderr } = await sandbox.run(["replay", "--json", ...words]);
  expect({ code, stderr }).toMatchObject({ code: 0 });
  return JSON.parse(stdout);
}

async function exported(id: string): Promise<readonly { readonly topic: string; readonly record: unknown }[]> {
  const { code, stdout } = await sandbox.run(["export", id]);
  expect(code).toBe(0);
  return stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as { topic: string; record: unknown });
}

async function writeToWrongPartition(): Promise<void> {
  await using data = await openDataLog(join(sandbox.folder, ".tidemark/data"));
  const key = Buffer.from(CUSTOMER);
  const value = purchaseBytes({
    schemaId: data.contracts.codecs.purchases.schemaId,
    eventId: "one",
    customerId: CUSTOMER,
    occurredAt: BigInt(Date.now() - 86_400_000),
    amountMinor: BigInt(AMOUNT_MINOR),
  });
  const partition = (partitionOf(key, PARTITIONS) + 1) % PARTITIONS;
  await data.log.append([{ topic: data.contracts.topics.purchases, partition, records: [{ key, value }] }]);
}

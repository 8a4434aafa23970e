import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import { type Finished, openSandbox, type Sandbox, type Server } from "../integration/sandbox.ts";
import { until } from "../integration/until.ts";
import { type Apicurio, startApicurio } from "../registry/apicurio.ts";
import { readByConsole } from "./console-consumer.ts";
import { avroDecoder } from "./oracle/avro-values.ts";
import type { ScoreValue } from "./oracle/check-run.ts";
import { textOf } from "./oracle/run-records.ts";
import { openTopicSpace, type TopicSpace } from "./topic-space.ts";

const LONG = process.env["TIDEMARK_TEST_LONG"] === "1";
const PARTITIONS = 2;
const MS_MAX = 240_000;
const CUSTOMERS = 20;

let apicurio: Apicurio;
let space: TopicSpace;
let sandbox: Sandbox;
let environment: Record<string, string>;

describe.skipIf(!inject("ownBrokers"))("the command line on Kafka", { timeout: MS_MAX }, () => {
  beforeAll(async () => {
    apicurio = await startApicurio();
  }, MS_MAX);
  afterAll(() => apicurio[Symbol.asyncDispose]());

  beforeEach(async () => {
    space = await openTopicSpace();
    sandbox = await openSandbox();
    environment = {
      KAFKA_BROKERS: space.brokers.join(","),
      SCHEMA_REGISTRY_URL: apicurio.url,
      TIDEMARK_TOPIC_PREFIX: space.prefix,
      TIDEMARK_REPLICATION: "1",
      TIDEMARK_CURRENCY: "EUR",
      TIDEMARK_WORKERS: "1",
    };
    const created = await sandbox.run(["topics", "create", "--partitions", String(PARTITIONS)], { environment });
    expect(created).toMatchObject({ code: 0, stderr: "" });
  }, 120_000);
  afterEach(async () => {
    await sandbox[Symbol.asyncDispose]();
    await space[Symbol.asyncDispose]();
  });

  test("scores are read by Kafka's own consumer, and decoded with the schema that the registry has under their id", async () => {
    const server = await start();
    await purchases(server, 3);
    const topic = `${space.prefix}scores`;
    const scores = await until("every customer has a score", async () => {
      const records = await readByConsole({ brokers: space.brokers, topic, recordsMax: 1_000 });
      return new Set(records.map(({ key }) => textOf(key))).size === CUSTOMERS ? records : null;
    });
    expect(await server.stop()).toMatchObject({ code: 0 });

    const ids = new Set(scores.map(({ value }) => value?.readInt32BE(1) ?? 0));
    const schemas = new Map(await Promise.all([...ids].map(async (id) => [id, await schemaOf(id)] as const)));
    const decode = avroDecoder((id) => schemas.get(id) ?? null);
    for (const { key, value } of scores) {
      const score = decode(value) as ScoreValue & { readonly value: { readonly currency: string } };
      expect(score.customerId).toBe(textOf(key));
      expect(score.value.currency).toBe("EUR");
    }
  });

  test("a topic that is deleted ends the server with exit code 3 and its name, and so does a start without it", async () => {
    const server = await start();
    await purchases(server, 1);
    await space.admin.deleteTopics({ topics: [`${space.prefix}purchases`] });

    const ended = await endOf(server);
    expect(ended.code).toBe(3);
    expect(ended.stderr).toContain("purchases");
    const again = await sandbox.begin(["start", "--port", "0"], { environment }).ended;
    expect(again.code).toBe(3);
    expect(again.stderr).toContain(`${space.prefix}purchases`);
    expect(again.stderr).toContain("topics create");
  });

  // It is heard of with the metadata, which are asked for twice a minute; that it is: partitions-added.test.ts.
  test.runIf(LONG)(
    "partitions that are added end the server with exit code 3, and none of their records is scored",
    async () => {
      const server = await start();
      await purchases(server, 1);
      const topic = `${space.prefix}purchases`;
      await space.admin.createPartitions({ topicPartitions: [{ topic, count: PARTITIONS + 1 }] });

      const ended = await endOf(server);
      expect(ended.code).toBe(3);
      expect(ended.stderr).toMatch(/partitions/u);
      const again = await sandbox.begin(["start", "--port", "0"], { environment }).ended;
      expect(again.code).toBe(3);
      expect(again.stderr).toMatch(/partitions/u);
    },
  );
});

async function start(): Promise<Server> {
  const server = await sandbox.start([], { environment });
  await until("it is ready", async () => ((await fetch(`${server.url}/readyz`)).ok ? true : null), MS_MAX);
  return server;
}

/** @throws Error with what it has said, where it does not end */
async function endOf(server: Server): Promise<Finished> {
  let ended: Finished | null = null;
  void server.ended.then((finished) => (ended = finished));
  try {
    return await until("the server ends", () => ended, ENDS_MS_MAX);
  } catch (error) {
    throw new Error(server.said().stderr, { cause: error });
  }
}

const ENDS_MS_MAX = 90_000;

/** So many of each customer. */
async function purchases(server: Server, each: number): Promise<void> {
  const events = Array.from({ length: CUSTOMERS * each }, (_, index) => ({
    type: "purchase",
    kind: "PURCHASE",
    eventId: randomUUID(),
    customerId: `customer-${index % CUSTOMERS}`,
    occurredAt: Date.now() - index * 3_600_000,
    amountMinor: 1_000 + index,
    currency: "EUR",
  }));
  const body = JSON.stringify({ events });
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${server.url}/v1/events`, { method: "POST", headers, body });
  expect(await answer.json()).toMatchObject({ accepted: events.length });
}

async function schemaOf(id: number): Promise<string> {
  const answer = await fetch(`${apicurio.url}/schemas/ids/${id}`);
  return ((await answer.json()) as { readonly schema: string }).schema;
}

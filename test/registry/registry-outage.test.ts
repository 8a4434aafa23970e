import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@tidemark/clock";
import { type Contracts, openContracts, openRegistry, topicSpecs } from "@tidemark/contracts";
import { type EmbeddedLog, openEmbeddedLog, shareLog } from "@tidemark/log-embedded";
import { type ProcessorSetup, startProcessorThreads } from "@tidemark/processor";
import { defaultArtefact } from "@tidemark/scoring";
import { partitionOf } from "@tidemark/streams";
import { createLogger, createMetrics } from "@tidemark/telemetry";
import { afterAll, beforeAll, expect, test } from "vitest";
import { purchaseBytes } from "../integration/avro-purchase.ts";
import { until } from "../integration/until.ts";
import { type Apicurio, startApicurio } from "./apicurio.ts";
import { openRegistryProxy, type RegistryProxy } from "./registry-proxy.ts";

const PREFIX = "t.";
const PARTITIONS = 2;
const SUBJECT = `${PREFIX}purchases-value`;
const UNKNOWN_ID = 2 ** 31 - 1;
/** Of the processor's registry. */
const LIMITS = { requestMsMax: 1_000, attemptsMax: 2, backoffMsMin: 10, backoffMsMax: 10 };

let apicurio: Apicurio;
let proxy: RegistryProxy;
let directory: string;
let log: EmbeddedLog;
let contracts: Contracts;
let eventsMade = 0;

beforeAll(async () => {
  apicurio = await startApicurio();
  proxy = await openRegistryProxy(apicurio.url);
  directory = await mkdtemp(join(tmpdir(), "tidemark-outage-"));
  await mkdir(join(directory, "stores"));
  log = await openEmbeddedLog({ directory: join(directory, "log"), clock: systemClock() });
  await log.createTopics(topicSpecs(PREFIX, PARTITIONS));
  contracts = await openContracts({
    registry: await openRegistry({ kind: "confluent", url: apicurio.url }),
    prefix: PREFIX,
  });
}, 300_000);
afterAll(async () => {
  await log.close();
  await proxy[Symbol.asyncDispose]();
  await apicurio[Symbol.asyncDispose]();
  await rm(directory, { recursive: true });
});

test("a registry that is stopped holds up only what it alone knows the schema of; started again, it frees it", async () => {
  const newer = await registerNewerPurchase("first");
  await using processor = await start();
  await append(0, [contracts.codecs.purchases.schemaId]);
  await append(1, [contracts.codecs.purchases.schemaId]);
  await processor.applied({ 0: 1, 1: 1 });

  await apicurio.stop();
  // The one before it, it, and the one after it.
  await append(0, [contracts.codecs.purchases.schemaId, newer, contracts.codecs.purchases.schemaId]);
  for (let count = 0; count < 5; count += 1) await append(1, [contracts.codecs.purchases.schemaId]);
  await processor.applied({ 0: 2, 1: 6 });
  const asked = (): number => proxy.asked.filter((each) => each === `GET /schemas/ids/${newer}`).length;
  await until("the partition waits, asking again and again", () => (asked() > 2 * LIMITS.attemptsMax ? true : null));
  expect(processor.counts(0)).toMatchObject({ applied: 2, deadLetter: 0 });

  await apicurio.restart();
  await processor.applied({ 0: 4, 1: 6 });
  expect(processor.counts(0)).toMatchObject({ applied: 4, deadLetter: 0 });
}, 300_000);

test("an id that the registry says it does not know makes a dead letter, and what follows goes on", async () => {
  await using processor = await start();
  const before = await deadLetters();
  await append(1, [UNKNOWN_ID, contracts.codecs.purchases.schemaId]);
  await until("it is a dead letter", () => (processor.counts(1)?.deadLetter === 1 ? true : null));
  await processor.caughtUp();
  expect((await deadLetters()).slice(before.length)).toEqual(["SCHEMA_UNKNOWN"]);
});

test("a processor stops while it waits for a registry that does not answer", async () => {
  const newer = await registerNewerPurchase("second");
  const processor = await start({ ...LIMITS, requestMsMax: 600_000 });
  try {
    await processor.caughtUp();
    proxy.decide = () => ({ kind: "hold" });
    const asked = proxy.asked.length;
    await append(0, [newer]);
    await until("the registry is asked", () => (proxy.asked.length > asked ? true : null));
    expect(processor.counts(0)).toMatchObject({ deadLetter: 0 });
  } finally {
    await processor[Symbol.asyncDispose]();
  }
  // Not by the bound on a request, which is ten minutes.
  await until("it is asked no more", () => (proxy.open === 0 ? true : null));
  proxy.decide = () => ({ kind: "forward" });
});

/** What another program may do: a version of its own, that ours can read. @returns its id */
async function registerNewerPurchase(field: string): Promise<number> {
  const schema = JSON.parse(await readFile(new URL("../../schemas/purchases.avsc", import.meta.url), "utf8")) as {
    readonly fields: object[];
  };
  // At the end: a value then is as ours with one byte more.
  schema.fields.push({ name: field, type: ["null", "string"], default: null });
  const registry = await openRegistry({ kind: "confluent", url: apicurio.url });
  return registry.register(SUBJECT, JSON.stringify(schema), "BACKWARD_TRANSITIVE");
}

/** One purchase each of a customer of the partition, as written with these schemas. */
async function append(partition: number, schemaIds: readonly number[]): Promise<void> {
  const records = schemaIds.map((schemaId) => {
    const customerId = customerIn(partition);
    const bytes = purchaseBytes({
      schemaId,
      eventId: `event-${(eventsMade += 1)}`,
      customerId,
      occurredAt: BigInt(Date.now()),
      amountMinor: 100n,
    });
    const isOwn = schemaId === contracts.codecs.purchases.schemaId;
    return { key: Buffer.from(customerId), value: isOwn ? bytes : Buffer.concat([bytes, Buffer.of(0)]) };
  });
  await log.append([{ topic: contracts.topics.purchases, partition, records }]);
}

function customerIn(partition: number): string {
  for (let number = 0; ; number += 1) {
    const id = `customer-${number}`;
    if (partitionOf(Buffer.from(id), PARTITIONS) === partition) return id;
  }
}

async function deadLetters(): Promise<readonly string[]> {
  const codes: string[] = [];
  for (let partition = 0; partition < PARTITIONS; partition += 1) {
    const topic = contracts.topics.deadLetters;
    const { start: offset } = await log.offsets(topic, partition);
    const options = { bytesMaxPerPartition: 1_000_000, waitMsMax: 0, signal: new AbortController().signal };
    const [slice] = await log.fetch([{ topic, partition, offset }], options);
    for (const { value } of slice?.records ?? []) {
      codes.push(contracts.codecs.deadLetters.decode(value ?? Buffer.of()).code);
    }
  }
  return codes;
}

interface ProcessorUnderTest extends AsyncDisposable {
  counts(partition: number): { readonly applied: number; readonly deadLetter: number } | undefined;
  /** Resolves when so many records have been applied, by partition. */
  applied(wanted: Readonly<Record<number, number>>): Promise<void>;
  caughtUp(): Promise<void>;
}

async function start(limits = LIMITS): Promise<ProcessorUnderTest> {
  const setup: ProcessorSetup = {
    topicPrefix: PREFIX,
    partitions: PARTITIONS,
    registry: { kind: "confluent", url: proxy.url, limits },
    stores: join(directory, "stores"),
    artefact: defaultArtefact({ currency: "EUR" }),
    consentDefault: "granted",
    mode: "wall",
    clockScale: null,
    limits: {},
    bootId: "test",
    logLevel: "silent",
  };
  const processor = await startProcessorThreads({
    setup,
    threads: 1,
    log: { kind: "shared", share: () => shareLog(log) },
    metrics: createMetrics("thread"),
    logger: createLogger({ level: "silent", name: "main" }),
  });
  const counts: ProcessorUnderTest["counts"] = (partition) => {
    return processor.tasks.find((task) => task.partition === partition)?.counts;
  };
  return {
    counts,
    async applied(wanted) {
      await until(`applied: ${JSON.stringify(wanted)}`, () => {
        const isSo = Object.entries(wanted).every(([partition, count]) => counts(Number(partition))?.applied === count);
        return isSo ? true : null;
      });
    },
    async caughtUp() {
      await until("all is taken", () => (processor.ready && processor.lagRecords === 0 ? true : null));
    },
    [Symbol.asyncDispose]: () => processor.stop(),
  };
}

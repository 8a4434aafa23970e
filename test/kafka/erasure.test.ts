import { createErasureNames, parseInputEvent } from "@tidemark/contracts";
import { createScoringApplication } from "@tidemark/processor";
import { createModel } from "@tidemark/scoring";
import { type LogRecord, parseChangelogKey, partitionOf } from "@tidemark/streams";
import { ConfigResourceTypes, Kafka, logLevel } from "kafkajs";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { readAll } from "../conformance/log-under-test.ts";
import { until } from "../integration/until.ts";
import { type Broker, startBroker } from "./broker.ts";
import { type Installation, openInstallation } from "./installation.ts";
import { checkReplay } from "./oracle/replay-run.ts";
import { type ProcessorInTest, startInTest } from "./processor-in-test.ts";

const PARTITIONS = 1;
const MS_MAX = 180_000;
const GONE = "gone-customer";
const KEEPER = "keeper-customer";
let broker: Broker;
let installation: Installation;

describe.skipIf(!inject("ownBrokers"))("erasure on Kafka", () => {
  beforeAll(async () => {
    // The cleaner looks every 15 s otherwise.
    broker = await startBroker({ settings: { "log.cleaner.backoff.ms": 200 } });
    installation = await openInstallation({ brokers: [broker.bootstrap], partitions: PARTITIONS });
  }, 120_000);
  afterAll(async () => {
    await installation[Symbol.asyncDispose]();
    await broker[Symbol.asyncDispose]();
  });

  test(
    "the marker outlives compaction and every store: who is erased stays so, whatever comes late",
    async () => {
      const { topics, codecs } = installation.contracts;
      const first = await startInTest(installation);
      const now = Date.now();
      await buy(first, GONE, "e-1", now - 5_000);
      await buy(first, KEEPER, "e-2", now - 5_000);
      await erase(first, GONE);
      await buy(first, GONE, "e-3", now - 1_000);
      expect(suppressed(first)).toBe(1);
      await first.stop();
      const scores = await read(topics.scores);
      expect(scores.findLast(({ key }) => textOf(key) === GONE)?.value).toBeNull();
      expect(await heldOf(GONE)).toEqual({ profile: null, marker: true });
      expect((await heldOf(KEEPER)).profile).not.toBeNull();
      await replayed();

      await compacted(topics.processorState, GONE);
      expect(await heldOf(GONE)).toEqual({ profile: null, marker: true });
      const next = await startInTest(installation, { machine: "machine-with-empty-stores" });
      await buy(next, GONE, "e-1", now - 5_000);
      expect(suppressed(next)).toBe(2);
      expect((await heldOf(GONE)).profile).toBeNull();

      await buy(next, GONE, "e-4", Date.now());
      const { profile } = await heldOf(GONE);
      expect(codecs.processorState.decode(profile ?? new Uint8Array())).toMatchObject({ purchases: 1, version: 2 });
      await next.stop();
    },
    MS_MAX,
  );

  test(
    "without the secret, or with another, no processor goes on; the erasure waits in the log",
    async () => {
      for (const erasureSecret of [null, "another secret than the markers are made with"]) {
        const other = { ...installation, setup: { ...installation.setup, erasureSecret } };
        const processor = await startInTest(other);
        await expect(processor.ended).rejects.toMatchObject({ code: "ERASURE_SECRET_WRONG" });
        expect(processor.lines.join("")).not.toMatch(/gone-customer|keeper-customer/);
      }
      const again = await startInTest(installation);
      await again.caughtUp();
      await again.stop();
    },
    MS_MAX,
  );
});

async function buy(processor: ProcessorInTest, customerId: string, eventId: string, occurredAt: number): Promise<void> {
  const { topics, codecs } = installation.contracts;
  const money = { amountMinor: 1_000, currency: "EUR" };
  const fields = { type: "purchase", kind: "PURCHASE", eventId, customerId, occurredAt, ...money };
  const event = parseInputEvent(fields, { referenceAt: null });
  if (!event.ok || event.topic !== "purchases") throw new Error("the event of this test is right");
  await append(processor, topics.purchases, customerId, codecs.purchases.encode(event.record));
}

async function erase(processor: ProcessorInTest, customerId: string): Promise<void> {
  await append(processor, installation.contracts.topics.customers, customerId, null);
}

async function append(processor: ProcessorInTest, topic: string, id: string, value: Uint8Array | null): Promise<void> {
  const key = Buffer.from(id);
  await installation.log.append([{ topic, partition: partitionOf(key, PARTITIONS), records: [{ key, value }] }]);
  await processor.caughtUp();
}

function suppressed({ tasks }: ProcessorInTest): number {
  return tasks.reduce((sum, { counts }) => sum + counts.suppressed, 0);
}

/** What the changelog holds of a customer, as a view of it would. */
async function heldOf(id: string): Promise<{ readonly profile: Uint8Array | null; readonly marker: boolean }> {
  const markerKey = createErasureNames(installation.setup.erasureSecret ?? "").markerKey(id);
  let profile: Uint8Array | null = null;
  let marker = false;
  for (const { key, value } of await read(installation.contracts.topics.processorState)) {
    const parsed = parseChangelogKey(key ?? new Uint8Array());
    if (parsed?.kind === "state" && parsed.key === id) profile = value;
    if (parsed?.kind === "marker" && parsed.key === markerKey) marker = value !== null;
  }
  return { profile, marker };
}

/** R1, erasures included. */
async function replayed(): Promise<void> {
  const { contracts, setup } = installation;
  const application = createScoringApplication({
    contracts,
    model: createModel(setup.artefact),
    consentDefault: setup.consentDefault,
    clockMode: setup.mode,
    erasureNames: createErasureNames(setup.erasureSecret ?? ""),
  });
  await checkReplay(await installation.readRun(), application);
}

/** Has the broker's cleaner take what is superseded, deletion marks too, until the topic holds no record of the customer. */
async function compacted(topic: string, id: string): Promise<void> {
  const admin = new Kafka({ brokers: [broker.bootstrap], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  const settings = {
    "cleanup.policy": "compact",
    "message.timestamp.type": "LogAppendTime",
    "segment.ms": "100",
    "delete.retention.ms": "0",
    "min.cleanable.dirty.ratio": "0.001",
    "max.compaction.lag.ms": "100",
  };
  const configEntries = Object.entries(settings).map(([name, value]) => ({ name, value }));
  await admin.alterConfigs({
    validateOnly: false,
    resources: [{ type: ConfigResourceTypes.TOPIC, name: topic, configEntries }],
  });
  await admin.disconnect();
  const isOf = ({ key }: LogRecord): boolean => {
    const parsed = parseChangelogKey(key ?? new Uint8Array());
    return parsed?.kind === "state" && parsed.key === id;
  };
  await until("nothing of the customer is left in the changelog", async () => {
    // Owners that come and go write barriers, by which segments are closed.
    const passing = await startInTest(installation, { machine: "machine-that-passes" });
    await passing.caughtUp();
    await passing.stop();
    return (await read(topic)).some(isOf) ? null : true;
  });
}

async function read(topic: string): Promise<readonly LogRecord[]> {
  const { start } = await installation.log.offsets(topic, 0);
  return readAll(installation.log, topic, 0, { offset: start });
}

function textOf(key: Uint8Array | null): string {
  return Buffer.from(key ?? []).toString();
}

import { crc32 } from "node:zlib";
import { type ICustomPartitioner, Kafka, logLevel } from "kafkajs";
import { expect, test } from "vitest";
import { Random } from "../simulation/random.ts";
import { openInstallation } from "./installation.ts";
import { inputLoad } from "./oracle/input-load.ts";
import { startInTest } from "./processor-in-test.ts";
import { sharedBrokers } from "./topic-space.ts";

const PARTITIONS = 4;
const EVENTS = 400;

test("records of a producer that partitions by CRC-32 are dead letters, but for those that happen to be in their place", async () => {
  const brokers = await sharedBrokers();
  await using installation = await openInstallation({ brokers, partitions: PARTITIONS });
  const { contracts } = installation;
  const kafka = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING });
  const foreign = kafka.producer({ createPartitioner: byCrc32 });
  await foreign.connect();
  const load = inputLoad(contracts, new Random(17), Date.now(), 100);
  const records = Array.from({ length: EVENTS }, () => load.next());
  const byInput = Map.groupBy(records, ({ input }) => input);
  await foreign.sendBatch({
    acks: -1,
    topicMessages: [...byInput].map(([input, messages]) => ({
      topic: contracts.topics[input],
      messages: messages.map(({ key, value }) => ({ key, value })),
    })),
  });
  await foreign.disconnect();

  const processor = await startInTest(installation);
  await processor.caughtUp();
  await processor.stop();

  // The oracle knows from kafkajs which partition is right, and holds every letter's code against it.
  const { applied, deadLetter } = await installation.check();
  expect(deadLetter).toBeGreaterThan(EVENTS / 2);
  expect(applied).toBeGreaterThan(EVENTS / 10);
});

test("a record with a key of half a megabyte is a dead letter without it, and what comes after goes through", async () => {
  const brokers = await sharedBrokers();
  await using installation = await openInstallation({ brokers, partitions: 1 });
  const { contracts } = installation;
  const kafka = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING });
  const foreign = kafka.producer({ createPartitioner: () => () => 0 });
  await foreign.connect();
  const load = inputLoad(contracts, new Random(18), Date.now(), 10);
  const { input, key, value } = load.next();
  const giant = { key: Buffer.alloc(500_000, "k"), value: Buffer.from("no record") };
  await foreign.send({ topic: contracts.topics[input], messages: [giant, { key, value }] });
  await foreign.disconnect();

  const processor = await startInTest(installation);
  await processor.caughtUp();
  expect(processor.tasks.map(({ counts }) => counts)).toMatchObject([{ applied: 1, deadLetter: 1 }]);
  await processor.stop();
});

/** As librdkafka's default for keys: CRC-32 modulo the partitions. */
const byCrc32: ICustomPartitioner =
  () =>
  ({ partitionMetadata, message }) =>
    crc32(message.key ?? "") % partitionMetadata.length;

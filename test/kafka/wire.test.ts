import { createRequire } from "node:module";
import type { LogRecord, RecordToAppend } from "@tidemark/streams";
import { CompressionTypes, Kafka, logLevel } from "kafkajs";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { BrokerRequest } from "../../packages/log-kafka/src/broker-request.ts";
import { committedRecords } from "../../packages/log-kafka/src/committed-records.ts";
import { cutForBroker } from "../../packages/log-kafka/src/cut-for-broker.ts";
import { type FetchAnswer, fetchRequest } from "../../packages/log-kafka/src/fetch-request.ts";
import { produceRequest } from "../../packages/log-kafka/src/produce-request.ts";
import { type BatchCodec, encodeRecordBatch } from "../../packages/log-kafka/src/record-batch-encoder.ts";
import { until } from "../integration/until.ts";
import { openTopicSpace, type TopicSpace } from "./topic-space.ts";

/** What Kafka's error codes in this file mean. */
const OFFSET_OUT_OF_RANGE = 1;
const CORRUPT_MESSAGE = 2;
const UNKNOWN_TOPIC_OR_PARTITION = 3;

const TOPICS = ["stamped", "created", "mixed", "many"] as const;

interface Connection {
  connect(): Promise<unknown>;
  disconnect(): Promise<unknown>;
  send<Answer>(request: BrokerRequest<Answer>): Promise<Answer>;
}

let space: TopicSpace;
let connection: Connection;

beforeAll(async () => {
  space = await openTopicSpace();
  // By the times that the batches bear their records are old: a broker at its retention would take them away at once.
  const kept = { name: "retention.ms", value: "-1" };
  const stamped = { name: "message.timestamp.type", value: "LogAppendTime" };
  await space.createTopics(
    TOPICS.map((topic) => {
      return { topic, configEntries: topic === "stamped" || topic === "mixed" ? [kept, stamped] : [kept] };
    }),
  );
  connection = connectionTo(space.brokers[0] ?? "");
  await connection.connect();
  // A broker names a partition's leader a moment before that one serves it.
  await until("every partition served", async () => {
    const { partitions } = await fetchOf(
      TOPICS.map((topic) => ({ topic, offset: 0 })),
      0,
    );
    return partitions.every(({ errorCode }) => errorCode === 0) ? true : null;
  });
});

afterAll(async () => {
  await connection.disconnect();
  await space[Symbol.asyncDispose]();
});

test("a broker takes our batches, plain and compressed, and gives them back with the time that it answered", async () => {
  const records = [
    { key: Buffer.from("customer-1"), value: Buffer.alloc(3_000, 1) },
    { key: null, value: null },
    { key: Buffer.alloc(0), value: Buffer.alloc(0) },
  ];
  for (const codec of ["none", "zstd"] as const) {
    const { outcomes } = await produce([
      { topic: "stamped", records, codec },
      { topic: "created", records, codec },
    ]);
    const base = codec === "none" ? 0 : records.length;
    const [stamped, created] = outcomes;
    expect(stamped).toMatchObject({ errorCode: 0, baseOffset: base });
    expect(stamped?.logAppendTime).toBeGreaterThan(CREATED_AT);
    expect(created).toMatchObject({ errorCode: 0, baseOffset: base, logAppendTime: -1 });
    const answer = await fetchOf([
      { topic: "stamped", offset: base },
      { topic: "created", offset: base },
    ]);
    for (const [topic, appendedAt] of [
      ["stamped", stamped?.logAppendTime],
      ["created", CREATED_AT],
    ] as const) {
      const read = await committed(answer, topic, base);
      expect(read.records.map(plain)).toEqual(records.map(plain));
      expect(read.records.map((each) => [each.offset, each.appendedAt])).toEqual(
        records.map((_, index) => [base + index, appendedAt]),
      );
      expect(read.offsetNext).toBe(base + records.length);
    }
  }
});

test("a fault of one partition is not that of the others", async () => {
  const good = { topic: "created", records: [{ key: null, value: Buffer.from("good") }] };
  const { outcomes } = await produce([good, { ...good, topic: "missing" }]);
  expect(outcomes.map(({ errorCode }) => errorCode)).toEqual([0, UNKNOWN_TOPIC_OR_PARTITION]);
  const damaged = await produce([good], (bytes) => bytes.writeUInt8(7, bytes.length - 2));
  expect(damaged.outcomes).toMatchObject([{ errorCode: CORRUPT_MESSAGE, baseOffset: -1 }]);
  const answer = await fetchOf([
    { topic: "created", offset: outcomes[0]?.baseOffset ?? -1 },
    { topic: "stamped", offset: 9_999 },
  ]);
  expect(answer.errorCode).toBe(0);
  expect(of(answer, "created")).toMatchObject({ errorCode: 0, logStartOffset: 0 });
  expect(of(answer, "stamped").errorCode).toBe(OFFSET_OUT_OF_RANGE);
  expect((await committed(answer, "created", outcomes[0]?.baseOffset ?? -1)).records.map(plain)).toEqual(
    good.records.map(plain),
  );
});

test("records of kafkajs's transactions are seen if they were committed, however its writers interleave", async () => {
  const topic = `${space.prefix}mixed`;
  const kafka = new Kafka({ brokers: [...space.brokers], logLevel: logLevel.NOTHING });
  const producers = ["a", "b", "c"].map((name) =>
    kafka.producer({ transactionalId: `${space.prefix}${name}`, maxInFlightRequests: 1, idempotent: true }),
  );
  await Promise.all(producers.map((producer) => producer.connect()));
  const key = Buffer.alloc(4);
  const expected: string[] = [];
  for (const round of [0, 1, 2, 3]) {
    const open = [];
    for (const [index, producer] of producers.entries()) {
      const transaction = await producer.transaction();
      const value = `${round}.${index}`;
      const compression = round % 2 === 0 ? CompressionTypes.GZIP : CompressionTypes.None;
      await transaction.send({ topic, compression, messages: [{ key, value, partition: 0 }] });
      open.push({ transaction, value, commits: (round + index) % 2 === 0 });
    }
    for (const { transaction, commits } of open.reverse()) await (commits ? transaction.commit() : transaction.abort());
    expected.push(...open.reverse().flatMap(({ value, commits }) => (commits ? [value] : [])));
  }
  await Promise.all(producers.map((producer) => producer.disconnect()));
  const read: LogRecord[] = [];
  let offset = 0;
  // A record and a marker of each; the last markers come a moment after the commit was answered.
  while (offset < 24) {
    const answer = await fetchOf([{ topic: "mixed", offset }]);
    const { records, offsetNext } = await committed(answer, "mixed", offset);
    read.push(...records);
    offset = offsetNext;
  }
  expect(read.map(({ value }) => String(value))).toEqual(expected);
  expect(offset).toBe(24);
});

test("as many small records as the bound on their bytes lets through are taken, run by run", async () => {
  const records = Array.from({ length: 200_000 }, () => ({ key: null, value: Buffer.from("tiny") }));
  const runs = cutForBroker(records);
  expect(runs.length).toBe(3);
  let offset = 0;
  for (const run of runs) {
    const { outcomes } = await produce([{ topic: "many", records: run }]);
    expect(outcomes).toMatchObject([{ errorCode: 0, baseOffset: offset }]);
    offset += run.length;
  }
  const read = await committed(await fetchOf([{ topic: "many", offset: 7 }]), "many", 7);
  expect(read.records.at(0)?.offset).toBe(7);
  expect(read.offsetNext).toBe(runs[0]?.length);
});

test("a fetch at the end is answered after its wait, with nothing", async () => {
  const start = performance.now();
  const topics = await space.admin.fetchTopicOffsets(`${space.prefix}many`);
  const offset = Number(topics[0]?.high);
  const answer = await fetchOf([{ topic: "many", offset }], 200);
  expect(performance.now() - start).toBeGreaterThanOrEqual(190);
  expect(of(answer, "many")).toMatchObject({
    highWatermark: offset,
    lastStableOffset: offset,
    recordSet: Buffer.alloc(0),
  });
});

const CREATED_AT = Date.UTC(2026, 0, 1);

/** Without a transaction. @param spoil changes the bytes of the batch */
async function produce(
  parts: readonly {
    readonly topic: string;
    readonly records: readonly RecordToAppend[];
    readonly codec?: BatchCodec;
  }[],
  spoil: (bytes: Buffer) => unknown = () => undefined,
) {
  const batches = await Promise.all(
    parts.map(async ({ topic, records, codec = "none" }) => {
      const { bytes } = await encodeRecordBatch(records, { producer: null, createdAt: CREATED_AT, codec });
      spoil(bytes);
      return { topic: space.prefix + topic, partition: 0, bytes };
    }),
  );
  const { partitions } = await connection.send(produceRequest({ transactionalId: null, timeoutMs: 10_000, batches }));
  const outcomes = batches.flatMap(({ topic }) => partitions.filter((each) => each.topic === topic));
  return { outcomes };
}

function fetchOf(places: readonly { readonly topic: string; readonly offset: number }[], waitMsMax = 1_000) {
  const positions = places.map(({ topic, offset }) => ({
    topic: space.prefix + topic,
    partition: 0,
    offset,
    bytesMax: 1_000_000,
  }));
  return connection.send(fetchRequest({ positions, waitMsMax, bytesMin: 1, bytesMax: 4_000_000 }));
}

function of({ partitions }: FetchAnswer, topic: string) {
  const found = partitions.find((each) => each.topic === space.prefix + topic);
  if (found === undefined) throw new Error("the answer lacks a topic");
  return found;
}

function committed(answer: FetchAnswer, topic: string, offset: number) {
  const position = { topic: space.prefix + topic, partition: 0, offset };
  return committedRecords(position, of(answer, topic), Infinity);
}

function plain({ key, value }: RecordToAppend): readonly (string | null)[] {
  return [key, value].map((each) => each && Buffer.from(each).toString("hex"));
}

function connectionTo(broker: string): Connection {
  const require = createRequire(import.meta.url);
  const Constructor = require("kafkajs/src/network/connection.js") as new (options: object) => Connection;
  const socketFactory = (require("kafkajs/src/network/socketFactory.js") as () => unknown)();
  const [host, port] = broker.split(":");
  const silent = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
  const logger = { namespace: () => silent };
  const bounds = { requestTimeout: 30_000, connectionTimeout: 10_000 };
  return new Constructor({ host, port: Number(port), logger, socketFactory, clientId: "test", ...bounds });
}

import { openKafkaLog, type KafkaLog } from "@tidemark/log-kafka";
import type { LogWriter } from "@tidemark/streams";
import { type Admin, Kafka, logLevel } from "kafkajs";
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from "vitest";
import { batch, createTopic, fetchOne, readAll, record, records, shown } from "../conformance/log-under-test.ts";
import { systemClock } from "../conformance/system-clock.ts";
import { until } from "../integration/until.ts";
import { type Cluster, leaderOf, startCluster } from "./cluster.ts";

const MOVES = 8;

let cluster: Cluster;
let admin: Admin;
let log: KafkaLog;
let topic: string;

describe.skipIf(!inject("ownBrokers"))("the log on three brokers", { timeout: 180_000 }, () => {
  beforeAll(async () => {
    cluster = await startCluster();
    admin = new Kafka({ brokers: [...cluster.brokers], logLevel: logLevel.NOTHING }).admin();
    await admin.connect();
    log = await openKafkaLog({ brokers: cluster.brokers, clientId: "cluster", clock: systemClock });
  }, 180_000);

  afterAll(async () => {
    await log.close();
    await admin.disconnect();
    await cluster[Symbol.asyncDispose]();
  });

  beforeEach(async () => {
    topic = await createTopic(log, 3);
  });

  test("creates topics with what they need to survive one of them", async () => {
    const specs = (await log.topics()).filter(({ name }) => name === topic);
    expect(await log.topicProblems(specs)).toEqual([]);
    expect(
      await log.topicProblems([{ name: "not-there", partitions: 1, policy: { cleanup: "delete", retentionMs: 1 } }]),
    ).toEqual([{ topic: "not-there", what: "missing", wanted: "a topic", found: "none" }]);
    const otherwise = specs.map((spec) => ({
      ...spec,
      partitions: 4,
      policy: { cleanup: "compact" as const, compactionLagMsMax: 3_600_000 },
    }));
    const problems = await log.topicProblems(otherwise);
    expect(problems.map(({ what, wanted }) => [what, wanted])).toEqual([
      ["partitions", "4"],
      ["cleanup.policy", "compact"],
      ["max.compaction.lag.ms", "3600000"],
    ]);
  });

  test("leaders that move in the middle of commits and appends double nothing and lose nothing", async () => {
    // The first transaction of a cluster makes it create the topic for their states.
    await (await log.openWriter(`${topic}-warm`)).commit([batch(await createTopic(log), 0, records("warm", 1))]);
    const written: string[] = [];
    const appended: string[] = [];
    const moved = new AbortController();
    const committing = (async () => {
      let writer: LogWriter | null = null;
      for (let turn = 0; !moved.signal.aborted; turn += 1) {
        writer ??= await log.openWriter(`${topic}-writer`);
        await writer.commit([0, 1, 2].map((partition) => batch(topic, partition, [record("k", `turn-${turn}`)])));
        written.push(`turn-${turn}`);
      }
    })();
    const appending = (async () => {
      for (let index = 0; !moved.signal.aborted; index += 1) {
        await log.append([batch(topic, index % 3, [record("k", `append-${index}`)])]);
        appended.push(`append-${index}`);
      }
    })();
    for (let move = 0; move < MOVES; move += 1) {
      const partition = move % 3;
      const now = await leaderOf(admin, topic, partition);
      const before = written.length;
      await cluster.moveLeader(admin, { topic, partition, to: (now % 3) + 1 });
      await until("a commit that met the move, or came after it", () => (written.length > before ? true : null));
    }
    moved.abort();
    await Promise.all([committing, appending]);
    for (const partition of [0, 1, 2]) {
      const values = (await readAll(log, topic, partition)).map((each) => shown(each)[1] ?? "");
      expect(values.filter((value) => value.startsWith("turn"))).toEqual(written);
      const own = appended.filter((_, index) => index % 3 === partition);
      expect(values.filter((value) => value.startsWith("append"))).toEqual(own);
    }
  });

  test("what the replicas do not have yet is not passed over", async () => {
    const first = await log.append([batch(topic, 0, records("a", 1))]);
    const leader = await leaderOf(admin, topic, 0);
    const followers = cluster.nodes.filter(({ nodeId }) => nodeId !== leader);
    const { end } = await log.offsets(topic, 0);
    const before = await fetchOne(log, topic, 0, end);
    expect(before.completeTo).toBeGreaterThan(first.appendedAt - 1_000);
    for (const follower of followers) follower.pause();
    const promised: number[] = [];
    const pending = log.append([batch(topic, 0, records("b", 1))]);
    try {
      for (const startedAt = performance.now(); performance.now() - startedAt < 1_500;) {
        const slice = await fetchOne(log, topic, 0, end, { waitMs: 20 });
        expect(slice.records).toEqual([]);
        promised.push(slice.completeTo);
      }
    } finally {
      for (const follower of followers) follower.resume();
    }
    const { appendedAt } = await pending;
    expect(Math.max(...promised)).toBeLessThanOrEqual(appendedAt);
    expect(Math.min(...promised)).toBeGreaterThanOrEqual(before.completeTo);
    expect(await readAll(log, topic, 0)).toHaveLength(2);
  });

  test("one broker that is killed holds nobody up for long", async () => {
    const places = [0, 1, 2].map((partition) => batch(topic, partition, records("before", 2)));
    await log.append(places);
    await cluster.node(await leaderOf(admin, topic, 1)).kill();
    const writer = await log.openWriter(`${topic}-writer`);
    await writer.commit([0, 1, 2].map((partition) => batch(topic, partition, records("after", 2))));
    for (const partition of [0, 1, 2]) expect(await readAll(log, topic, partition)).toHaveLength(4);
  });
});

import { describe, expect, inject, test } from "vitest";
import { Kafka, logLevel } from "kafkajs";
import { startCluster } from "./cluster.ts";
import { openFeed } from "./event-feed.ts";
import { openInstallation } from "./installation.ts";
import { allTaken, settled } from "./processor-fleet.ts";

const LONG = process.env["TIDEMARK_TEST_LONG"] === "1";
const PARTITIONS = 2;
const EVENTS = LONG ? 30_000 : 1_500;
const ROUNDS = LONG ? 12 : 2;
const MS_MAX = LONG ? 900_000 : 300_000;

describe.skipIf(!inject("ownBrokers"))("three brokers", () => {
  test(
    "whose leaders move and of which one is killed while commits are sent: no record is doubled inside a committed transaction",
    async ({ annotate }) => {
      await using cluster = await startCluster();
      await using installation = await openInstallation({
        brokers: cluster.brokers,
        partitions: PARTITIONS,
        replication: { factor: 3, insyncMin: 2 },
      });
      await using feed = await openFeed(installation, {
        brokers: cluster.brokers,
        seed: 29,
        customers: LONG ? 2_000 : 150,
        batchRecords: 25,
        everyMs: 20,
      });
      const kafka = new Kafka({ brokers: [...cluster.brokers], logLevel: logLevel.NOTHING });
      const admin = kafka.admin();
      await admin.connect();
      const { scores, processorState, journal } = installation.contracts.topics;
      const processor = installation.fleet.start("machine-1");
      await settled([processor], PARTITIONS, MS_MAX);

      for (let round = 0; round < ROUNDS; round++) {
        const sending = feed.send(EVENTS / ROUNDS / 2);
        // The outputs of one commit come to lie on other brokers than before, one after the other, while it is sent.
        for (const [index, topic] of [scores, processorState, journal].entries()) {
          await cluster.moveLeader(admin, { topic, partition: 0, to: ((round + index) % 3) + 1 });
        }
        await sending;
        const victim = (round % 3) + 1;
        const during = feed.send(EVENTS / ROUNDS / 2);
        await cluster.node(victim).kill();
        await during;
        await cluster.restart(victim);
      }
      await allTaken([processor], await installation.inputRecords(), MS_MAX);
      expect(await processor.stop()).toBe(0);
      await admin.disconnect();

      // Each score has its own version and each input record its own offset: a doubled one cannot hide.
      const summary = await installation.check();
      expect(summary.inputs).toBeGreaterThanOrEqual(EVENTS);
      await annotate(JSON.stringify(summary));
    },
    MS_MAX,
  );
});

import { afterEach, beforeEach, describe, expect, inject, test } from "vitest";
import { until } from "../integration/until.ts";
import { API_KEY } from "./kafka-frames.ts";
import { allTaken, settled } from "./processor-fleet.ts";
import { openProxiedInstallation, type ProxiedInstallation } from "./proxied-installation.ts";

const PARTITIONS = 2;
const MS_MAX = 300_000;

let opened: ProxiedInstallation;

/** The requests of a commit, in order, by `transaction.version`. */
const eachVersion = describe.skipIf(!inject("ownBrokers")).each([
  { version: 1, steps: [API_KEY.addPartitionsToTxn, API_KEY.produce, API_KEY.endTxn] },
  { version: 2, steps: [API_KEY.produce, API_KEY.endTxn] },
]);

eachVersion("a network that fails in the middle of a commit of version $version", ({ version, steps }) => {
  beforeEach(async () => {
    opened = await openProxiedInstallation({
      broker: { features: { "transaction.version": version } },
      installation: { partitions: PARTITIONS },
      feed: { seed: 23, customers: 80, batchRecords: 20, everyMs: 20 },
    });
  }, 120_000);
  afterEach(() => opened[Symbol.asyncDispose]());

  test(
    "where the answers to the end of a transaction are lost, its result is unknown: the tasks start again, and nothing is lost or doubled",
    async ({ annotate }) => {
      const { proxy, installation, feed } = opened;
      const processor = installation.fleet.start("machine-1");
      await settled([processor], PARTITIONS, MS_MAX);
      await feed.send(400);

      const lost = proxy.addRule({ apiKey: API_KEY.endTxn, direction: "answer", action: "drop" });
      const sending = feed.send(400);
      await until("a task does not know", () => (processor.stderr.includes("COMMIT_UNKNOWN") ? true : null), MS_MAX);
      lost.release();
      await sending;
      await allTaken([processor], await installation.inputRecords(), MS_MAX);
      expect(await processor.stop()).toBe(0);

      const summary = await installation.check();
      expect(summary.inputs).toBeGreaterThanOrEqual(800);
      // Who does not know begins a new spell.
      expect(summary.owners).toBeGreaterThan(PARTITIONS);
      await annotate(JSON.stringify(summary));
    },
    MS_MAX,
  );

  test(
    "connections that are reset, silent, slow or held at each step of a commit lose nothing and double nothing",
    async ({ annotate }) => {
      const { proxy, installation, feed } = opened;
      const processor = installation.fleet.start("machine-1");
      await settled([processor], PARTITIONS, MS_MAX);
      const sending = feed.send(1_600);
      for (const apiKey of [...steps, API_KEY.fetch]) {
        for (const direction of ["request", "answer"] as const) {
          const rule = proxy.addRule({ apiKey, direction, action: "reset", times: 2 });
          await until("connections were reset", () => (rule.count() === 2 ? true : null), MS_MAX);
        }
      }
      proxy.delay(50);
      await sending;
      proxy.goSilent();
      await feed.send(100);
      proxy.heal();
      await feed.send(100);
      await allTaken([processor], await installation.inputRecords(), MS_MAX);
      expect(await processor.stop()).toBe(0);

      const summary = await installation.check();
      expect(summary.inputs).toBeGreaterThanOrEqual(1_800);
      await annotate(JSON.stringify(summary));
    },
    MS_MAX,
  );
});

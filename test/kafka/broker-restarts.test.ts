import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { checkKeepingEvidence } from "./kept-evidence.ts";
import { endsLostBy } from "./ends-lost-by.ts";
import { allTaken, settled, somethingIsApplied } from "./processor-fleet.ts";
import { openProxiedInstallation, type ProxiedInstallation } from "./proxied-installation.ts";

const PARTITIONS = 4;
const RESTARTS = 20;
/** Before and after each. */
const EVENTS = 600;
const SESSION_MS = 3_000;
const MS_MAX = 1_200_000;

let opened: ProxiedInstallation;

describe.skipIf(!inject("ownBrokers"))("a broker", () => {
  beforeAll(async () => {
    opened = await openProxiedInstallation({
      installation: { partitions: PARTITIONS, groupLimits: { sessionMs: SESSION_MS, rebalanceMs: SESSION_MS } },
      feed: { seed: 11, customers: 200, batchRecords: 25, everyMs: 50 },
    });
  }, 120_000);
  afterAll(() => opened[Symbol.asyncDispose]());

  test(
    `that is killed ${RESTARTS} times while transactions are under way loses and doubles nothing of them`,
    async () => {
      const { broker, installation, feed } = opened;
      const members = ["machine-1", "machine-2"].map((machine) => installation.fleet.start(machine));
      await settled(members, PARTITIONS, MS_MAX);
      for (let restart = 0; restart < RESTARTS; restart++) {
        const sending = feed.send(EVENTS);
        await somethingIsApplied(...members);
        await broker.restart();
        await Promise.all([sending, settled(members, PARTITIONS, MS_MAX)]);
      }
      await allTaken(members, await installation.inputRecords(), MS_MAX);
      for (const member of members) expect(await member.stop()).toBe(0);
      expect(await endsLostBy(broker)).toEqual([]);
      const summary = await checkKeepingEvidence(installation, broker, members);
      expect(feed.acknowledged).toBe(RESTARTS * EVENTS);
      expect(summary.inputs).toBeGreaterThanOrEqual(RESTARTS * EVENTS);
    },
    MS_MAX,
  );
});

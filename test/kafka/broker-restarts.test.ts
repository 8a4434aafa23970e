import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { until } from "../integration/until.ts";
import { type Broker, startBroker } from "./broker.ts";
import { type EventFeed, openFeed } from "./event-feed.ts";
import { type Installation, openInstallation } from "./installation.ts";
import { checkKeepingEvidence } from "./kept-evidence.ts";
import { allTaken, settled } from "./processor-fleet.ts";
import { openTcpProxy, type TcpProxy } from "./tcp-proxy.ts";

const PARTITIONS = 4;
const RESTARTS = 20;
/** Before and after each. */
const EVENTS = 600;
const SESSION_MS = 3_000;
const MS_MAX = 1_200_000;

let proxy: TcpProxy;
let broker: Broker;
let installation: Installation;
let feed: EventFeed;

describe.skipIf(!inject("ownBrokers"))("a broker", () => {
  beforeAll(async () => {
    proxy = await openTcpProxy();
    broker = await startBroker({ advertisedPort: proxy.port });
    proxy.connectTo(broker.clientPort);
    installation = await openInstallation({
      brokers: [broker.bootstrap],
      direct: [broker.internal],
      partitions: PARTITIONS,
      groupLimits: { sessionMs: SESSION_MS, rebalanceMs: SESSION_MS },
    });
    feed = await openFeed(installation, {
      brokers: [broker.internal],
      seed: 11,
      customers: 200,
      batchRecords: 25,
      everyMs: 50,
    });
  }, 120_000);

  afterAll(async () => {
    await feed[Symbol.asyncDispose]();
    proxy.heal();
    await installation[Symbol.asyncDispose]();
    await broker[Symbol.asyncDispose]();
    await proxy[Symbol.asyncDispose]();
  });

  test(
    `that is killed ${RESTARTS} times while transactions are under way loses and doubles nothing of them`,
    async () => {
      const members = ["machine-1", "machine-2"].map((machine) => installation.fleet.start(machine));
      await settled(members, PARTITIONS, MS_MAX);
      for (let restart = 0; restart < RESTARTS; restart++) {
        const sending = feed.send(EVENTS);
        const before = members.map(({ line }) => line?.applied ?? 0);
        await until("events are applied", () =>
          members.every(({ line }, index) => (line?.applied ?? 0) > (before[index] ?? 0)) ? true : null,
        );
        await broker.restart();
        await Promise.all([sending, settled(members, PARTITIONS, MS_MAX)]);
      }
      await allTaken(members, await installation.inputRecords(), MS_MAX);
      for (const member of members) expect(await member.stop()).toBe(0);
      const summary = await checkKeepingEvidence(installation, broker, members);
      expect(feed.acknowledged).toBe(RESTARTS * EVENTS);
      expect(summary.inputs).toBeGreaterThanOrEqual(RESTARTS * EVENTS);
    },
    MS_MAX,
  );
});

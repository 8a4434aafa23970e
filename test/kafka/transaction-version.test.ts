import { openKafkaLog, type KafkaLog } from "@tidemark/log-kafka";
import type { LogWriter } from "@tidemark/streams";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { eventLogConformance } from "../conformance/event-log-conformance.ts";
import { batch, createTopic, type LogUnderTest, readAll, record, shown } from "../conformance/log-under-test.ts";
import { systemClock } from "../conformance/system-clock.ts";
import { until } from "../integration/until.ts";
import { type Broker, startBroker } from "./broker.ts";
import { finalizeFeature } from "./finalize-feature.ts";
import { API_KEY } from "./kafka-frames.ts";
import { openTcpProxy, type TcpProxy } from "./tcp-proxy.ts";

const FEATURE = "transaction.version";
const LATE_MS_MAX = 250;

let proxy: TcpProxy;
let broker: Broker;

describe.skipIf(!inject("ownBrokers"))("on a cluster whose transactions are of version 1", { timeout: 120_000 }, () => {
  beforeAll(async () => {
    proxy = await openTcpProxy();
    broker = await startBroker({ advertisedPort: proxy.port, features: { [FEATURE]: 1 } });
    proxy.connectTo(broker.clientPort);
  }, 120_000);

  afterAll(async () => {
    await broker[Symbol.asyncDispose]();
    await proxy[Symbol.asyncDispose]();
  });

  eventLogConformance("the log on Kafka", logUnderTest);

  test("a writer goes on as it began when the version is raised or lowered, and those opened afterwards go by it", async () => {
    const log = await openLog();
    const topic = await createTopic(log);
    const written: string[] = [];

    /** Whether the coordinator is asked to add the partition of a commit. */
    async function asksToAdd(writer: LogWriter): Promise<boolean> {
      const rule = proxy.addRule({
        apiKey: API_KEY.addPartitionsToTxn,
        direction: "request",
        action: "reset",
        times: 1,
      });
      written.push(`commit ${written.length}`);
      await writer.commit([batch(topic, 0, [record("k", written.at(-1) ?? "")])]);
      rule.release();
      return rule.count() > 0;
    }
    async function opened(id: string, asks: boolean): Promise<LogWriter> {
      return until(`a writer that ${asks ? "asks" : "does not ask"}`, async () => {
        const writer = await log.openWriter(`${topic}-${id}`);
        return (await asksToAdd(writer)) === asks ? writer : null;
      });
    }

    const before = await opened("a", true);
    await finalizeFeature(broker.internal, "upgrade", FEATURE, 2);
    const between = await opened("b", false);
    expect(await asksToAdd(before)).toBe(true);
    await finalizeFeature(broker.internal, "downgrade", FEATURE, 1);
    const after = await opened("c", true);
    for (const [writer, asks] of [
      [before, true],
      [between, false],
      [after, true],
    ] as const) {
      for (const _ of [1, 2]) expect(await asksToAdd(writer)).toBe(asks);
    }
    // The next holder of an id need not speak as the one before.
    await opened("b", true);
    expect((await readAll(log, topic, 0)).map((each) => shown(each)[1])).toEqual(written);
    await log.close();
  });
});

function openLog(): Promise<KafkaLog> {
  const replication = { factor: 1, insyncMin: 1 };
  return openKafkaLog({ brokers: [broker.bootstrap], clientId: "version", clock: systemClock, replication });
}

async function logUnderTest(): Promise<LogUnderTest> {
  const log = await openLog();
  return {
    log,
    lateMsMax: LATE_MS_MAX,
    reopen: async () => {
      await log.close();
      return logUnderTest();
    },
    dispose: () => log.close(),
  };
}

import { openKafkaLog } from "@tidemark/log-kafka";
import { openTopicSpace } from "../kafka/topic-space.ts";
import { eventLogConformance } from "./event-log-conformance.ts";
import { eventLogModelConformance } from "./event-log-model.ts";
import type { LogUnderTest } from "./log-under-test.ts";
import { systemClock } from "./system-clock.ts";

const LONG = process.env["TIDEMARK_TEST_LONG"] === "1";

/** The broker shares two cores with other tests; a mistake about what is complete, an open transaction say, is late by seconds. */
const LATE_MS_MAX = 250;

async function onBroker(brokers: readonly string[]): Promise<LogUnderTest> {
  const replication = { factor: 1, insyncMin: 1 };
  const log = await openKafkaLog({ brokers, clientId: "conformance", clock: systemClock, replication });
  return {
    log,
    lateMsMax: LATE_MS_MAX,
    reopen: async () => {
      await log.close();
      return onBroker(brokers);
    },
    dispose: () => log.close(),
  };
}

/** On the broker that test files share. */
async function onSharedBroker(): Promise<LogUnderTest> {
  await using space = await openTopicSpace();
  return onBroker(space.brokers);
}

eventLogConformance("the log on Kafka", onSharedBroker);
eventLogModelConformance("the log on Kafka", onSharedBroker, LONG ? 100 : 6);

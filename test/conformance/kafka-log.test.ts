import { openKafkaLog } from "@tidemark/log-kafka";
import { openTopicSpace } from "../kafka/topic-space.ts";
import { eventLogConformance } from "./event-log-conformance.ts";
import { eventLogModelConformance } from "./event-log-model.ts";
import type { LogUnderTest } from "./log-under-test.ts";
import { systemClock } from "./system-clock.ts";

const LONG = process.env["TIDEMARK_TEST_LONG"] === "1";

/** On the broker that test files share. */
async function onBroker(brokers?: readonly string[]): Promise<LogUnderTest> {
  const space = await openTopicSpace();
  const log = await openKafkaLog({
    brokers: brokers ?? space.brokers,
    clientId: "conformance",
    clock: systemClock,
    replication: { factor: 1, insyncMin: 1 },
  });
  return {
    log,
    reopen: async () => {
      await log.close();
      return onBroker(brokers ?? space.brokers);
    },
    dispose: () => log.close(),
  };
}

eventLogConformance("the log on Kafka", () => onBroker());
eventLogModelConformance("the log on Kafka", () => onBroker(), LONG ? 100 : 6);

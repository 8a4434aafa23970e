import { Kafka, logLevel } from "kafkajs";
import { expect, test } from "vitest";
import { until } from "../integration/until.ts";
import { openInstallation } from "./installation.ts";
import { settled } from "./processor-fleet.ts";
import { sharedBrokers } from "./topic-space.ts";

const PARTITIONS = 2;

test("a processor ends where its topics have been given more partitions, and does not begin to own one of them", async () => {
  const brokers = await sharedBrokers();
  await using installation = await openInstallation({
    brokers,
    partitions: PARTITIONS,
    groupLimits: { metadataMs: 300 },
  });
  const processor = installation.fleet.start("machine-1");
  await settled([processor], PARTITIONS);
  const admin = new Kafka({ brokers: [...brokers], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  const { topics } = installation.contracts;
  // As an operator would who has never read that it cannot be done: all of them.
  const grown = Object.values(topics).filter((topic) => topic !== topics.models && topic !== topics.imports);
  await admin.createPartitions({ topicPartitions: grown.map((topic) => ({ topic, count: PARTITIONS + 1 })) });
  await admin.disconnect();

  await until("the processor ends", () => (processor.hasEnded() ? true : null));

  expect(processor.child.exitCode).not.toBe(0);
  expect(processor.stderr).toContain("TOPIC_MISMATCH");
  // Nor does one that comes later, whatever it was told of how many there are.
  const later = installation.fleet.start("machine-2");
  await until("the later one ends", () => (later.hasEnded() ? true : null));
  expect(later.stderr).toContain("TOPIC_MISMATCH");
  const changelog = await installation.log.offsets(topics.processorState, PARTITIONS);
  expect(changelog.end).toBe(0);
});

import { expect, test } from "vitest";
import { until } from "../integration/until.ts";
import { openFeed } from "./event-feed.ts";
import { openInstallation } from "./installation.ts";
import { startInTest } from "./processor-in-test.ts";
import { sharedBrokers } from "./topic-space.ts";

const PARTITIONS = 2;
const EVENTS = 2_000;
const MS_MAX = 240_000;

/** No group keeps them apart: that only one of them commits at any time is the log's doing alone (R14). */
test(
  "two processors that both own every partition, for good, fence each other and double nothing",
  async ({ annotate }) => {
    const brokers = await sharedBrokers();
    await using installation = await openInstallation({ brokers, partitions: PARTITIONS });
    await using feed = await openFeed(installation, {
      brokers,
      seed: 37,
      customers: 100,
      batchRecords: 20,
      everyMs: 20,
    });
    const one = await startInTest(installation, { machine: "machine-1" });
    const other = await startInTest(installation, { machine: "machine-2" });

    await feed.send(EVENTS);
    const isFenced = ({ lines }: typeof one): boolean => lines.some((line) => line.includes("TASK_FENCED"));
    await until("each has been refused", () => (isFenced(one) && isFenced(other) ? true : null), MS_MAX);
    await one.stop();
    await other.caughtUp();
    await other.stop();

    const summary = await installation.check();
    expect(summary.inputs).toBeGreaterThanOrEqual(EVENTS);
    expect(summary.owners).toBeGreaterThan(2 * PARTITIONS);
    await annotate(JSON.stringify(summary));
  },
  MS_MAX,
);

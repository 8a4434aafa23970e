import assert from "node:assert/strict";
import { parseInputEvent } from "@tidemark/contracts";
import { partitionOf, type RecordToAppend } from "@tidemark/streams";
import { expect, test } from "vitest";
import { until } from "../integration/until.ts";
import { type Installation, openInstallation } from "./installation.ts";
import { logWrapped } from "./log-wrapped.ts";
import { startInTest } from "./processor-in-test.ts";
import { allTaken, settled } from "./processor-fleet.ts";
import { sharedBrokers } from "./topic-space.ts";

const LONG = process.env["TIDEMARK_TEST_LONG"] === "1";
const PARTITIONS = 4;
const CUSTOMERS = 1_000_000;
const BATCH_RECORDS = 4_000;
const MS_MAX = 1_800_000;
/** From the start of the processor until it is in turns; what the group takes to miss the dead one comes on top. */
const READY_MS_MAX = 5_000;

test.runIf(LONG)(
  "a processor that was killed with a million profiles is back in turns within 5 s, from its store",
  async ({ annotate }) => {
    const brokers = await sharedBrokers();
    await using installation = await openInstallation({ brokers, partitions: PARTITIONS });
    const doomed = installation.fleet.start("machine-1");
    await settled([doomed], PARTITIONS, MS_MAX);
    for (let first = 0; first < CUSTOMERS; first += BATCH_RECORDS) await append(installation, first);
    await allTaken([doomed], CUSTOMERS, MS_MAX);
    await append(installation, 0);
    await doomed.kill();

    const { processorState } = installation.contracts.topics;
    let restored = 0;
    const log = logWrapped(installation.log, {
      slice(slice) {
        if (slice.topic === processorState) restored += slice.records.length;
        return slice;
      },
    });
    const startedAt = performance.now();
    const processor = await startInTest(installation, { log });
    await until("it is in turns", () => (processor.ready ? true : null), MS_MAX);
    const readyMs = Math.round(performance.now() - startedAt);
    await annotate(`in turns after ${readyMs} ms; ${restored} records of the changelog were read again`);
    // The appends are transactions: their markers are offsets too, so that it is records that are counted.
    const applied = (): number => processor.tasks.reduce((sum, { counts }) => sum + counts.applied, 0);
    await until(
      "the last purchases are applied",
      () => (applied() === CUSTOMERS + BATCH_RECORDS ? true : null),
      MS_MAX,
    );
    await processor.stop();

    expect(restored).toBeLessThan(CUSTOMERS / 10);
    expect(readyMs).toBeLessThan(READY_MS_MAX);
  },
  MS_MAX,
);

/** A purchase of each of so many customers. */
async function append({ contracts, log }: Installation, first: number): Promise<void> {
  const topic = contracts.topics.purchases;
  const records = Array.from({ length: BATCH_RECORDS }, (_, index): RecordToAppend & { readonly key: Buffer } => {
    const customerId = `customer-${first + index}`;
    const parsed = parseInputEvent(
      {
        type: "purchase",
        kind: "PURCHASE",
        currency: "EUR",
        eventId: `${performance.now()}-${index}`,
        customerId,
        occurredAt: Date.now(),
        amountMinor: 1_000,
      },
      { referenceAt: null },
    );
    assert(parsed.ok && parsed.topic === "purchases");
    return { key: Buffer.from(customerId), value: contracts.codecs.purchases.encode(parsed.record) };
  });
  const byPartition = Map.groupBy(records, ({ key }) => partitionOf(key, PARTITIONS));
  await log.append([...byPartition].map(([partition, own]) => ({ topic, partition, records: own })));
}

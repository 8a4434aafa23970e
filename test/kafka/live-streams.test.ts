import { randomUUID } from "node:crypto";
import { createGateway, sumCounts } from "@tidemark/gateway";
import { sumFigures } from "@tidemark/gateway/views";
import { shelfOf } from "@tidemark/scoring";
import { createHealth, createLogger } from "@tidemark/telemetry";
import { afterAll, beforeAll, expect, test } from "vitest";
import { systemClock } from "../conformance/system-clock.ts";
import { openEvents } from "../gateway/event-reader.ts";
import { model } from "../gateway/pipeline.ts";
import { scoreOf } from "../gateway/records.ts";
import { type Installation, openInstallation } from "./installation.ts";
import { sharedBrokers } from "./topic-space.ts";

const PARTITIONS = 2;

let installation: Installation;
beforeAll(async () => {
  installation = await openInstallation({ brokers: await sharedBrokers(), partitions: PARTITIONS });
});
afterAll(() => installation[Symbol.asyncDispose]());

test("a stream begins with the last scores and goes on, where every other offset is the end of a transaction", async () => {
  const { log, contracts } = installation;
  const { topics, codecs } = contracts;
  const gateway = await createGateway({
    log,
    contracts,
    states: {
      ready: true,
      tick: null,
      read: () => ({ value: null, marker: null, partition: 0, position: 0, tick: 0 }),
    },
    counts: () => sumCounts([]),
    figures: () => sumFigures([]),
    models: shelfOf(model),
    clock: systemClock,
    partitions: PARTITIONS,
    config: { port: 0 },
    telemetry: {
      logger: createLogger({ level: "warn", name: "gateway" }),
      health: createHealth({ log: () => true, store: () => true, registry: () => true }, { timeoutMs: 1000 }),
      metricsText: () => Promise.resolve(""),
    },
  });
  await gateway.listen();
  await using open = new AsyncDisposableStack();
  open.defer(() => gateway.close());
  const writer = await log.openWriter(`${installation.prefix}${randomUUID()}`);
  open.defer(() => writer.close());
  let version = 0;
  const commit = async (customer: string): Promise<void> => {
    const value = codecs.scores.encode(scoreOf(customer, ++version));
    const records = [{ key: Buffer.from(customer), value }];
    await writer.commit([{ topic: topics.scores, partition: version % PARTITIONS, records }]);
  };
  for (let index = 0; index < 60; index++) await commit(`c${index}`);

  await using events = await openEvents(`${gateway.address}/v1/streams/scores?last=30`);
  await commit("next");
  const versions: number[] = [];
  while (versions.at(-1) !== version) {
    versions.push((JSON.parse((await events.nextEvent()).data) as { version: number }).version);
  }

  // Two that were stamped in the same millisecond may come in either order.
  expect(versions.toSorted((one, other) => one - other)).toEqual(Array.from({ length: 31 }, (_, index) => 31 + index));
});

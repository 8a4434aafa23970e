import Encoder from "kafkajs/src/protocol/encoder.js";
import { expect, test } from "vitest";
import { BrokerClocks } from "./broker-clocks.ts";
import type { Cluster } from "./cluster.ts";
import { produce } from "./produce.ts";
import { produceRequest } from "./produce-request.ts";
import { openScriptedCluster } from "./scripted-cluster.ts";

const PRODUCE = 0;
const NOT_LEADER = 6;
const APPENDED_AT = 1_700_000_000_000;
const SKEW_MS = 500;
const run = { topic: "events", partition: 0, records: [] };

// A topic was just created: its broker does not lead it yet.
const scripts = { [PRODUCE]: [() => produced(NOT_LEADER, -1), () => produced(0, APPENDED_AT)] };

test("a batch that was appended only when sent again tells of the broker's clock all the same", async () => {
  await using scripted = await openScriptedCluster({ topic: "events", partitions: 1, scripts });
  const clocks = await clocksAfterAppend(scripted.cluster);
  expect(scripted.asked).toEqual([PRODUCE, PRODUCE]);
  expect(clocks.lowerBound(1, performance.now())).toBeGreaterThanOrEqual(APPENDED_AT);
});

test("a batch that one leader may have appended and the next one answered tells of either clock what skew leaves of it", async () => {
  await using scripted = await openScriptedCluster({ topic: "events", partitions: 1, scripts, leaders: [1, 2] });
  const startedAt = performance.now();
  const clocks = await clocksAfterAppend(scripted.cluster);
  for (const node of [1, 2]) {
    const at = performance.now();
    const sinceAppended = clocks.lowerBound(node, at) - APPENDED_AT;
    expect(sinceAppended).toBeGreaterThanOrEqual(-SKEW_MS);
    expect(sinceAppended).toBeLessThanOrEqual(at - startedAt - SKEW_MS);
  }
});

async function clocksAfterAppend(cluster: Cluster): Promise<BrokerClocks> {
  const clocks = new BrokerClocks();
  const sender = { cluster, clocks, link: cluster.newLink(), transactionalId: null, request: produceRequest };
  const outcomes = await produce(sender, [{ run, bytes: Buffer.alloc(0) }], cluster.patience(5_000));
  expect(outcomes.get(run)).toEqual({ baseOffset: 7, appendedAt: APPENDED_AT });
  return clocks;
}

function produced(errorCode: number, appendedAt: number): Encoder {
  const encoder = new Encoder().writeInt32(1).writeString("events").writeInt32(1).writeInt32(0);
  const baseOffset = errorCode === 0 ? 7 : -1;
  return encoder.writeInt16(errorCode).writeInt64(baseOffset).writeInt64(appendedAt).writeInt64(0).writeInt32(0);
}

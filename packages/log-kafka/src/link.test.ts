import Encoder from "kafkajs/src/protocol/encoder.js";
import { expect, test } from "vitest";
import { openScriptedCluster } from "./scripted-cluster.ts";
import { listOffsetsRequest } from "./small-requests.ts";

const LIST_OFFSETS = 2;
const THROTTLE_MS = 300;
const HOUR_MS = 3_600_000;

test("a broker that asks for an hour without requests is asked again after the bound", async () => {
  const scripts = { [LIST_OFFSETS]: [() => throttled(HOUR_MS), () => throttled(0)] };
  const limits = { throttleMsMax: THROTTLE_MS };
  await using scripted = await openScriptedCluster({ topic: "events", partitions: 1, scripts, limits });
  const link = scripted.cluster.newLink();
  const ask = () => link.send(1, listOffsetsRequest([{ topic: "events", partition: 0 }], "start"));
  await ask();
  const startedAt = performance.now();
  await ask();
  expect(scripted.asked).toEqual([LIST_OFFSETS, LIST_OFFSETS]);
  expect(performance.now() - startedAt).toBeGreaterThan(THROTTLE_MS / 2);
}, 10_000);

/** No partitions. */
function throttled(ms: number): Encoder {
  return new Encoder().writeInt32(ms).writeInt32(0);
}

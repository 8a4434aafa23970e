import { once } from "node:events";
import { getPriority } from "node:os";
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";

test.runIf(process.platform === "linux")("a thread gives way to the others of its process", async () => {
  const module = JSON.stringify(new URL("thread-priority.ts", import.meta.url).href);
  const source = `Promise.all([import("node:worker_threads"), import("node:fs"), import("node:os"), import(${module})]).then(
    ([{ parentPort }, { readlinkSync }, { getPriority }, { giveWay }]) => {
      giveWay();
      parentPort.postMessage(getPriority(Number(readlinkSync("/proc/thread-self").split("/").at(-1))));
    },
  );`;
  const before = getPriority();
  const [inThread] = (await once(new Worker(source, { eval: true }), "message")) as [number];
  expect(inThread).toBeGreaterThan(before);
  expect(getPriority()).toBe(before);
});

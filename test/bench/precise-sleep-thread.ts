import { parentPort } from "node:worker_threads";

// Waits until each time that it is told, ns of the machine's monotonic clock, and says when it has come.

const cell = new Int32Array(new SharedArrayBuffer(4));
parentPort?.on("message", (until: bigint) => {
  Atomics.wait(cell, 0, 0, Number(until - process.hrtime.bigint()) / 1e6);
  parentPort?.postMessage(null, []);
});

import { parentPort, workerData, type MessagePort } from "node:worker_threads";
import { connectLog } from "./connect-log.ts";

/** A thread that a test connects to its log, and what it does before it says so and is left to end. */
export interface PortClient {
  readonly port: MessagePort;
  readonly deed: "asks once" | "waits in a fetch" | "commits";
}

const { port, deed } = workerData as PortClient;
const log = connectLog(port);
const end = { topic: "events", partition: 0, offset: 0 };
const options = { bytesMaxPerPartition: 1_000, waitMsMax: 3_600_000, signal: new AbortController().signal };

if (deed === "asks once") {
  await log.topics();
} else if (deed === "waits in a fetch") {
  void log.fetch([end], options);
} else {
  const writer = await log.openWriter("writer");
  const records = [{ key: null, value: Buffer.from("of a thread that died") }];
  void writer.commit([{ topic: "events", partition: 0, records }]);
}
parentPort?.postMessage(deed, []);

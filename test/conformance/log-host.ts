import { parentPort, workerData } from "node:worker_threads";
import { openEmbeddedLog, shareLog, type LogLimits } from "@tidemark/log-embedded";
import { systemClock } from "./system-clock.ts";

/** The thread that holds the log which a suite in another thread is connected to; told anything, it closes it. */
export interface LogHosted {
  readonly directory: string;
  readonly limits: Partial<LogLimits>;
}

const { directory, limits } = workerData as LogHosted;
const log = await openEmbeddedLog({ directory, limits, clock: systemClock });
const port = shareLog(log);
parentPort?.once("message", () => void log.close());
parentPort?.postMessage(port, [port]);

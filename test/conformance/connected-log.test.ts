import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker, type MessagePort } from "node:worker_threads";
import { connectLog, type LogLimits } from "@tidemark/log-embedded";
import { eventLogConformance } from "./event-log-conformance.ts";
import { eventLogModelConformance } from "./event-log-model.ts";
import type { LogHosted } from "./log-host.ts";
import type { LogUnderTest } from "./log-under-test.ts";

const LONG = process.env["TIDEMARK_TEST_LONG"] === "1";

/** Another thread holds the log on disk; the suite is its client. */
async function inAnotherThread(limits: Partial<LogLimits>, directory?: string): Promise<LogUnderTest> {
  const place = directory ?? (await mkdtemp(join(tmpdir(), "tidemark-log-")));
  const workerData: LogHosted = { directory: place, limits };
  const host = new Worker(new URL("log-host.ts", import.meta.url), { workerData });
  const [port] = (await once(host, "message")) as [MessagePort];
  const log = connectLog(port);
  const close = async (): Promise<void> => {
    await log.close();
    const exited = once(host, "exit");
    host.postMessage("close", []);
    await exited;
  };
  return {
    log,
    reopen: async () => {
      await close();
      return inAnotherThread(limits, place);
    },
    dispose: async () => {
      await close();
      await rm(place, { recursive: true });
    },
  };
}

/** Every fetch and every append is cut into small pieces and read back from the disk. */
const SMALL = { tailBytesMax: 0, segmentBytesMax: 2_000, groupBytesMax: 10_000, maintenanceIntervalMs: 20 };

eventLogConformance("the log of another thread", () => inAnotherThread({}));
eventLogConformance("the log of another thread that keeps nothing in memory", () => inAnotherThread(SMALL));
eventLogModelConformance("the log of another thread", () => inAnotherThread({}), LONG ? 200 : 10);
eventLogModelConformance(
  "the log of another thread that keeps nothing in memory",
  () => inAnotherThread(SMALL),
  LONG ? 200 : 10,
);

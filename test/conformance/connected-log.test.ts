import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker, type MessagePort } from "node:worker_threads";
import { connectLog, type LogLimits } from "@tidemark/log-embedded";
import { LogUnavailable, type EventLog } from "@tidemark/streams";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { eventLogConformance } from "./event-log-conformance.ts";
import { eventLogModelConformance } from "./event-log-model.ts";
import type { LogHosted } from "./log-host.ts";
import { batch, createTopic, fetchOne, records, type LogUnderTest } from "./log-under-test.ts";

const LONG = process.env["TIDEMARK_TEST_LONG"] === "1";

interface Hosted {
  readonly log: EventLog;
  readonly host: Worker;
}

/** Another thread holds the log on disk; the suite is its client. */
async function startHost(directory: string, limits: Partial<LogLimits>): Promise<Hosted> {
  const workerData: LogHosted = { directory, limits };
  const host = new Worker(new URL("log-host.ts", import.meta.url), { workerData });
  const [port] = (await once(host, "message")) as [MessagePort];
  return { log: connectLog(port), host };
}

/** Closes the log; its thread has nothing else to do. */
async function endHost(host: Worker): Promise<void> {
  const exited = once(host, "exit");
  host.postMessage("close", []);
  await exited;
}

async function inAnotherThread(limits: Partial<LogLimits>, directory?: string): Promise<LogUnderTest> {
  const place = directory ?? (await mkdtemp(join(tmpdir(), "tidemark-log-")));
  const { log, host } = await startHost(place, limits);
  const close = async (): Promise<void> => {
    await log.close();
    await endHost(host);
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

describe("the thread of the log", () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "tidemark-log-"));
  });
  afterEach(() => rm(directory, { recursive: true }));

  it("ends when the log is closed, though a client holds its port", async () => {
    const { log, host } = await startHost(directory, {});
    const topic = await createTopic(log);
    const waiting = Promise.allSettled([fetchOne(log, topic, 0, 0, { waitMs: 600_000 })]);
    await endHost(host);
    expect(await waiting).toMatchObject([{ status: "rejected", reason: expect.any(LogUnavailable) }]);
    await expect(log.topics()).rejects.toThrow(LogUnavailable);
    await log.close();
  });

  it("dies, and what its clients wait for is told so", async () => {
    const { log, host } = await startHost(directory, {});
    const topic = await createTopic(log);
    const waiting = Promise.allSettled([fetchOne(log, topic, 0, 0, { waitMs: 600_000 })]);
    await host.terminate();
    expect(await waiting).toMatchObject([{ status: "rejected", reason: expect.any(LogUnavailable) }]);
    await expect(log.append([batch(topic, 0, records("late", 1))])).rejects.toThrow(LogUnavailable);
  });
});

eventLogConformance("the log of another thread", () => inAnotherThread({}));
eventLogConformance("the log of another thread that keeps nothing in memory", () => inAnotherThread(SMALL));
eventLogModelConformance("the log of another thread", () => inAnotherThread({}), LONG ? 200 : 10);
eventLogModelConformance(
  "the log of another thread that keeps nothing in memory",
  () => inAnotherThread(SMALL),
  LONG ? 200 : 10,
);

import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { parentPort, threadName, workerData } from "node:worker_threads";
import { scaledClock, systemClock } from "@tidemark/clock";
import { openContracts, openFileRegistry } from "@tidemark/contracts";
import { connectLog } from "@tidemark/log-embedded";
import { createModel } from "@tidemark/scoring";
import { openOrWipeLevelStore } from "@tidemark/store-level";
import { assert, type Clock } from "@tidemark/streams";
import { createLogger, createMetrics } from "@tidemark/telemetry";
import { carryError } from "./carried-error.ts";
import { OPERATING_ERRORS } from "./operating-errors.ts";
import { type Processor, startProcessor } from "./processor.ts";
import { createScoringApplication } from "./scoring-application.ts";
import { startStatusFeed, type StatusFeed } from "./status-feed.ts";
import type { FromThread, ThreadData, ToThread } from "./thread-messages.ts";

// What a processor thread runs: the tasks of the partitions it owns, until it is told to stop or one of them must not go on.
// Like the main file of a process it alone makes clock, randomness and logger.

assert(parentPort !== null, "this file is started as a thread");
const main = parentPort;
const data = workerData as ThreadData;
const send = (message: FromThread): void => main.postMessage(message, []);

const metrics = createMetrics("thread");
const log = connectLog(data.log);
const stop = new AbortController();
main.on("message", (message: ToThread) => {
  if (message.kind === "stop") stop.abort();
  else void metrics.snapshot().then((snapshot) => send({ kind: "metrics", metrics: snapshot }));
});

let error: unknown = null;
try {
  await work();
} catch (thrown) {
  error = thrown;
}
send({ kind: "ended", error: error === null ? null : carryError(error), metrics: await metrics.snapshot() });
// With these two gone nothing keeps the thread.
await log.close();
main.close();

async function work(): Promise<void> {
  let feed: StatusFeed | null = null;
  const processor = await start((what) => feed?.progress(what));
  feed = startStatusFeed(processor, (status) => send({ kind: "status", status }));
  send({ kind: "started" });
  const end = (): void => void processor.stop().catch(() => undefined);
  stop.signal.addEventListener("abort", end, { once: true });
  if (stop.signal.aborted) end();
  try {
    await processor.ended;
  } finally {
    feed.close();
  }
}

async function start(onProgress: (what: "state" | "turn") => void): Promise<Processor> {
  const { topicPrefix: prefix, mode, clockScale, logLevel } = data;
  const contracts = await openContracts({ registry: await openFileRegistry(data.registryFile), prefix });
  return startProcessor({
    application: createScoringApplication({
      contracts,
      model: createModel(data.artefact),
      consentDefault: data.consentDefault,
      clockMode: mode,
      ...(clockScale === null ? {} : { scaledClock: clockScale }),
    }),
    log,
    topics: contracts.topics,
    tierChanges: contracts.codecs.tierChanges,
    openStore: (partition) => openOrWipeLevelStore(join(data.stores, String(partition))),
    clock: clockOf(data),
    mode,
    partitions: data.partitions,
    owned: data.owned,
    timeScale: clockScale?.factor ?? 1,
    bootId: data.bootId,
    limits: data.limits,
    token: randomUUID,
    metrics,
    logger: createLogger({ level: logLevel, name: threadName ?? "processor", vouched: OPERATING_ERRORS }),
    onProgress,
  });
}

function clockOf({ clockScale }: ThreadData): Clock {
  const clock = systemClock();
  return clockScale === null ? clock : scaledClock(clock, clockScale);
}

import { randomUUID } from "node:crypto";
import { workerData } from "node:worker_threads";
import { clockOfThread } from "@tidemark/clock";
import { topicNames } from "@tidemark/contracts";
import { OPERATING_ERRORS } from "@tidemark/installation";
import { carryError } from "@tidemark/streams";
import { createLogger, createMetrics } from "@tidemark/telemetry";
import { joinChannel } from "@tidemark/thread-channel";
import { giveWay } from "./give-way.ts";
import { openOwnedLog } from "./log-description.ts";
import { startProcessorHere } from "./processor-here.ts";
import { startStatusFeed, type StatusFeed } from "./status-feed.ts";
import type { FromThread, ThreadData, ToThread } from "./thread-messages.ts";

// What a processor thread runs: the tasks of the partitions it owns, until it is told to stop or one of them must not go on.
// Like the main file of a process it alone makes clock, randomness and logger.

const data = workerData as ThreadData;
const main = await joinChannel<FromThread, ToThread>(data.wayIn);

const metrics = createMetrics("thread");
const stop = new AbortController();
main.listen((message) => {
  if (message.kind === "stop") stop.abort();
  else void metrics.snapshot().then((snapshot) => main.send({ kind: "metrics", metrics: snapshot }));
});

let error: unknown = null;
try {
  await work();
} catch (thrown) {
  error = thrown;
}
main.send({ kind: "ended", error: error === null ? null : carryError(error), metrics: await metrics.snapshot() });
// With it gone nothing keeps the thread.
await main.close();

async function work(): Promise<void> {
  let feed: StatusFeed | null = null;
  const clock = clockOfThread(data.clockScale);
  const logger = createLogger({ level: data.logLevel, name: data.name, vouched: OPERATING_ERRORS });
  await using open = new AsyncDisposableStack();
  const owned = await openOwnedLog(data.log, {
    topic: topicNames(data.topicPrefix).purchases,
    clock,
    onRejoin: (problem) => logger.warn("the processor has to join its group again", { error: problem }),
    onProblem: (problem) => logger.warn("the log has a problem", { error: problem }),
    onReachedAgain: (host) => logger.info("a broker can be reached again", { host }),
  });
  open.defer(() => owned.close());
  const processor = await startProcessorHere(data, {
    log: owned.log,
    clock,
    token: randomUUID,
    metrics,
    logger,
    ownership: owned.ownership,
    onProgress: (what) => feed?.progress(what),
  });
  feed = startStatusFeed(processor, (status) => main.send({ kind: "status", status }));
  // Not before: on a busy machine a start would take ten times as long.
  if (data.standsBack) giveWay();
  main.send({ kind: "started" });
  const end = (): void => void processor.stop().catch(() => undefined);
  stop.signal.addEventListener("abort", end, { once: true });
  if (stop.signal.aborted) end();
  try {
    await processor.ended;
  } finally {
    feed.close();
  }
}

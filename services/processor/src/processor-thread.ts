import type { EventLoopUtilization } from "node:perf_hooks";
import { Worker } from "node:worker_threads";
import { ThreadDied } from "@tidemark/installation";
import { revivedError } from "@tidemark/streams";
import type { MetricsSnapshot } from "@tidemark/telemetry";
import { openChannel } from "@tidemark/thread-channel";
import { noStatus, type ProcessorStatus } from "./processor-status.ts";
import type { FromThread, ThreadData, ThreadWork, ToThread } from "./thread-messages.ts";

/** One thread with tasks, as the main thread sees it. */
export interface ProcessorThread {
  readonly name: string;
  /** What it told last; a thread that has ended is not ready. */
  readonly status: ProcessorStatus;
  /** Resolves when its tasks run; rejects as `ended` does if they never do. */
  readonly started: Promise<void>;
  /** Settles when the thread is gone: resolves after `stop`, rejects with what ended a task. @throws ThreadDied */
  readonly ended: Promise<void>;
  /** Asks it to finish commits under way and to leave clean stores. */
  stop(): void;
  utilization(): EventLoopUtilization;
  /** Never rejects: what it told last, if it does not answer in time. */
  metrics(): Promise<MetricsSnapshot>;
}

export function startProcessorThread(name: string, work: ThreadWork): ProcessorThread {
  const { near, wayIn } = openChannel<ToThread, FromThread>();
  const workerData: ThreadData = { ...work, name, wayIn };
  const worker = new Worker(new URL("thread-main.ts", import.meta.url), {
    name,
    workerData,
    transferList: work.log.kind === "shared" ? [wayIn.port, work.log.port] : [wayIn.port],
    resourceLimits: HEAP,
  });
  const started = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<void>();
  // Whoever waits for them hears it.
  started.promise.catch(() => undefined);
  ended.promise.catch(() => undefined);
  let status = noStatus();
  let metrics: MetricsSnapshot = [];
  let asking: Promise<void> | null = null;
  let answered = (): void => undefined;
  let end: { readonly error: Error | null } | null = null;

  near.listen((message) => {
    if (message.kind === "started") started.resolve();
    else if (message.kind === "status") ({ status } = message);
    else {
      ({ metrics } = message);
      answered();
      if (message.kind === "ended") end = { error: message.error === null ? null : revivedError(message.error) };
    }
  });
  worker.on("error", (cause: unknown) => {
    end ??= { error: ThreadDied.of(`the thread ${name}`, cause) };
  });
  worker.once("exit", (code) => void settle(code));
  return {
    name,
    get status() {
      return status;
    },
    started: started.promise,
    ended: ended.promise,
    stop: () => near.send({ kind: "stop" }),
    utilization: () => worker.performance.eventLoopUtilization(),
    async metrics() {
      if (end === null) await (asking ??= ask());
      return metrics;
    },
  };

  async function settle(exitCode: number): Promise<void> {
    // Its last words are heard first.
    await near.closed;
    end ??= { error: ThreadDied.byItself(`the thread ${name}`, exitCode) };
    status = { ...status, ready: false };
    answered();
    const { error } = end;
    if (error === null) ended.resolve();
    else ended.reject(error);
    started.reject(error ?? new ThreadDied(`the thread ${name} was stopped before it had started`));
  }

  async function ask(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    answered = resolve;
    const giveUp = setTimeout(resolve, ANSWER_MS_MAX);
    near.send({ kind: "metrics" });
    await promise;
    clearTimeout(giveUp);
    asking = null;
  }
}

/** A thread gives way every few ms; one that does not for so long is seen by what it told before. */
const ANSWER_MS_MAX = 1_000;

/**
 * Records, decoded states and outputs live for one turn, so a young generation of a few turns lets them die there. The
 * bound of the old one is far above what the limits of a task let it hold: it ends a leak before the machine does. V8 also
 * goes by it when it decides by which factor a heap grows before it is collected: from 1.3 where it may have 256 MB evenly up to 2 just below
 * 2,048 MB, and up to 4 from there on (src/heap/heap-controller.cc). With a million customers an event takes 8 % less CPU than with 1,024 MB.
 * Node's own `--max-semi-space-size` and `--max-old-space-size`, where they are given, hold instead: a server has less, for the sake of memory.
 */
const HEAP = { maxYoungGenerationSizeMb: 32, maxOldGenerationSizeMb: 2_000 };

import type { MessagePort } from "node:worker_threads";
import { ThreadDied } from "@tidemark/installation";
import type { Logger, Metrics } from "@tidemark/telemetry";
import type { KafkaDescription, LogDescription } from "./log-description.ts";
import { allOf, type Processor, turnIntervalMs } from "./processor.ts";
import { sumStatus } from "./processor-status.ts";
import { type ProcessorThread, startProcessorThread } from "./processor-thread.ts";
import type { ProcessorSetup } from "./thread-messages.ts";

export interface ProcessorThreadsOptions {
  readonly setup: ProcessorSetup;
  /** Never more than partitions are started. */
  readonly threads: number;
  /** `share` opens a way into the log of this thread for another. On Kafka each thread opens its own. */
  readonly log: { readonly kind: "shared"; share(): MessagePort } | KafkaDescription;
  /** Whether they stand back for the calling thread, which answers queries; default not. */
  readonly standsBack?: boolean;
  /** Tells from now on what the threads count, too. */
  readonly metrics: Metrics;
  readonly logger: Logger;
}

/**
 * Runs tasks in threads of their own, so that the calling thread is free. Of a log that is shared among them all partitions,
 * partition p in thread p mod N; on Kafka each thread is a member of the group, and runs what the group gives it.
 *
 *  1 What the threads told last is all that is known here: it may be behind by 10 ms, and never says more than is committed.
 *  2 The threads end together: when one does, whyever, the others are stopped cleanly.
 *
 * @throws whatever kept a task's store from being opened; ThreadDied
 */
export async function startProcessorThreads(options: ProcessorThreadsOptions): Promise<Processor> {
  const { metrics, logger, setup } = options;
  const threads = spread(allOf(setup.partitions), options.threads).map((owned, index) => {
    const isShared = options.log.kind === "shared";
    const limits = {
      ...(isShared ? { turnIntervalMs: turnIntervalMs(setup.partitions) } : {}),
      sliceMsMax: THREAD_SLICE_MS,
      ...setup.limits,
    };
    const log = logOfThread(options.log, owned, index);
    return startProcessorThread(`processor-${index}`, {
      ...setup,
      limits,
      log,
      standsBack: options.standsBack ?? false,
    });
  });
  for (const thread of threads) {
    metrics.include(() => thread.metrics());
    metrics.watchThread(thread.name, () => thread.utilization());
  }
  const stop = (): void => {
    for (const thread of threads) thread.stop();
  };
  const ended = endOf(threads, stop, logger);
  // Whoever waits for it hears it; nobody has to.
  ended.catch(() => undefined);
  // One that never starts makes all of them end.
  await Promise.all(threads.map(({ started }) => started)).catch(() => ended);
  const status = () => sumStatus(threads.map((thread) => thread.status));
  return {
    get ready() {
      return status().ready;
    },
    get tasks() {
      return status().tasks;
    },
    get lagRecords() {
      return status().lagRecords;
    },
    get stages() {
      return status().stages;
    },
    ended,
    async stop() {
      stop();
      await ended;
    },
  };
}

/** Nobody waits in a thread but its own tasks: the fewer turns are under way beside each other, the less there is to collect. */
const THREAD_SLICE_MS = 8;

function logOfThread(log: ProcessorThreadsOptions["log"], owned: readonly number[], index: number): LogDescription {
  if (log.kind === "shared") return { kind: "shared", port: log.share(), owned };
  return { ...log, clientId: `${log.clientId}-${index}` };
}

function spread(partitions: readonly number[], threads: number): readonly (readonly number[])[] {
  const count = Math.min(Math.max(1, threads), partitions.length);
  return allOf(count).map((thread) => partitions.filter((_, index) => index % count === thread));
}

/** Settles when all are gone, with the first error if there is one. */
async function endOf(threads: readonly ProcessorThread[], stop: () => void, logger: Logger): Promise<void> {
  const errors: unknown[] = [];
  await Promise.all(
    threads.map(async ({ ended }) => {
      try {
        await ended;
      } catch (error) {
        // Of its tasks a thread has told itself.
        if (error instanceof ThreadDied) logger.error("a processor thread has died", { error });
        errors.push(error);
      }
      stop(); // 2
    }),
  );
  if (errors.length > 0) throw errors[0];
}

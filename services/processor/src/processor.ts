import type { Codec, TierChange, TopicNames } from "@tidemark/contracts";
import {
  type Application,
  type Clock,
  type ClockMode,
  type EventLog,
  type StateStore,
  Task,
  TASK_LIMITS,
  type TaskLimits,
  type TaskObserver,
  type TurnReport,
} from "@tidemark/streams";
import type { Logger, Metrics, TaskMetrics } from "@tidemark/telemetry";
import { type ProcessorStatus, sumStages } from "./processor-status.ts";

/**
 * The stream processor: a task for each partition it owns. On the embedded log that is all of them.
 * It goes on as long as every task can; when one must not, all are stopped and `ended` rejects.
 */
export interface Processor extends ProcessorStatus {
  /** Resolves after `stop`, rejects with the reason if a task must not go on. */
  readonly ended: Promise<void>;
  /** Finishes commits under way, writes the stores and marks them clean. */
  stop(): Promise<void>;
}

export interface ProcessorOptions<State, Event> {
  readonly application: Application<State, Event>;
  readonly log: EventLog;
  readonly topics: TopicNames;
  readonly tierChanges: Pick<Codec<TierChange>, "select">;
  /** Opens the local store of a partition; the processor closes it. */
  openStore(partition: number): Promise<StateStore>;
  readonly clock: Clock;
  readonly mode: ClockMode;
  /** Of every keyed topic. */
  readonly partitions: number;
  /** Those that it owns; default all. */
  readonly owned?: readonly number[];
  /** ms of the log's clock in an unscaled ms. */
  readonly timeScale: number;
  readonly bootId: string;
  readonly limits?: Partial<TaskLimits>;
  token(): string;
  readonly metrics: Metrics;
  readonly logger: Logger;
  /** Told when a task entered another state, and when a turn is committed. */
  readonly onProgress?: (what: "state" | "turn") => void;
}

/** Runs the tasks in the calling thread. */
export async function startProcessor<State, Event>(options: ProcessorOptions<State, Event>): Promise<Processor> {
  const { application, log, topics, clock, partitions, owned = allOf(partitions) } = options;
  const stop = new AbortController();
  const limits = { ...TASK_LIMITS, turnIntervalMs: turnIntervalMs(owned.length), ...options.limits };
  const stores = await openStores(owned, (partition) => options.openStore(partition));
  const tasks = stores.map(({ partition, store }) => {
    const task = new Task<State, Event>({
      application,
      log,
      store,
      clock,
      mode: options.mode,
      partition,
      partitions,
      writerId: `${topics.processorState}-${partition}`,
      owner: "processor",
      topics: { changelog: topics.processorState, journal: topics.journal },
      limits,
      timeScale: options.timeScale,
      bootId: options.bootId,
      token: () => options.token(),
      // On a log of one process nobody else can own a partition.
      confirmOwnership: () => Promise.resolve(),
      observer: observe(options, partition, (): Task<State, Event> => task),
    });
    return { task, store };
  });
  const runs = tasks.map(async ({ task, store }) => {
    try {
      await task.run(stop.signal);
    } catch (error) {
      options.logger.error("a task cannot go on", { error, partition: task.status.partition });
      stop.abort();
      throw error;
    } finally {
      await store.close();
    }
  });
  const ended = settleAll(runs);
  // Whoever waits for it hears it; nobody has to.
  ended.catch(() => undefined);
  return {
    get ready() {
      return tasks.every(({ task }) => task.status.state === "running" && task.lag.length > 0);
    },
    get tasks() {
      return tasks.map(({ task }) => task.status);
    },
    get lagRecords() {
      return tasks.reduce((sum, { task }) => sum + task.lag.reduce((ofTask, { records }) => ofTask + records, 0), 0);
    },
    get stages() {
      return sumStages(tasks.map(({ task }) => task.stages));
    },
    ended,
    stop: async () => {
      stop.abort();
      await ended;
    },
  };
}

export function allOf(partitions: number): readonly number[] {
  return Array.from({ length: partitions }, (_, partition) => partition);
}

/** All are open or, after a throw, none is. */
async function openStores(
  partitions: readonly number[],
  open: (partition: number) => Promise<StateStore>,
): Promise<readonly { readonly partition: number; readonly store: StateStore }[]> {
  const opened: { readonly partition: number; readonly store: StateStore }[] = [];
  try {
    for (const partition of partitions) opened.push({ partition, store: await open(partition) });
    return opened;
  } catch (error) {
    for (const { store } of opened) await store.close();
    throw error;
  }
}

/** Many partitions in one process take turns less often each, so that turns stay worth their commit. */
export function turnIntervalMs(partitions: number): number {
  return Math.max(20, 4 * partitions);
}

function observe<State, Event>(
  { metrics, logger, topics, tierChanges, clock, application, onProgress }: ProcessorOptions<State, Event>,
  partition: number,
  task: () => Task<State, Event>,
): TaskObserver {
  const handle: TaskMetrics = metrics.task(partition);
  const tiersOf = tierChanges.select(["from", "to"]);
  return {
    entered: (state) => {
      logger.debug("task state", { partition, state });
      handle.restoreRecordsLeft(task().status.restoreRecordsLeft);
      onProgress?.("state");
    },
    recovering: (error) => {
      if (error instanceof Error && "code" in error && error.code === "TASK_FENCED") handle.fenced();
      logger.warn("a task starts again", { partition, error });
    },
    registryUnavailable: () => logger.warn("the schema registry does not answer; the partition waits", { partition }),
    turn: (report) => {
      countOutcomes(handle, application.inputs, report);
      for (const { topic, value } of report.emitted) {
        if (topic !== topics.tierChanges || value === null) continue;
        const { from, to } = tiersOf(value);
        handle.tierChanges(from, to, 1);
      }
      handle.scores(report.emitted.filter(({ topic }) => topic === topics.scores).length);
      handle.timersFired("changed", report.timersChanged);
      handle.timersFired("unchanged", report.timersFired - report.timersChanged);
      handle.turnSeconds(report.turnMs / 1_000);
      handle.commitSeconds(report.commitMs / 1_000);
      if (report.oldestAppendedAt !== null) {
        handle.eventToScoreSeconds(Math.max(0, clock.now() - report.oldestAppendedAt) / 1_000);
      }
      handle.tickLagSeconds(Math.max(0, clock.now() - report.entry.tickMs) / 1_000);
      handle.profiles(report.states);
      for (const { topic, records } of task().lag) handle.lagRecords(topic, records);
      onProgress?.("turn");
    },
  };
}

function countOutcomes(handle: TaskMetrics, inputs: readonly string[], report: TurnReport): void {
  for (const [rank, topic] of inputs.entries()) {
    const counts = report.outcomesByInput[rank];
    if (counts === undefined) continue;
    handle.events(topic, "applied", counts.applied);
    handle.events(topic, "duplicate", counts.duplicate);
    handle.events(topic, "suppressed", counts.suppressed);
    handle.events(topic, "dead_letter", counts.deadLetter);
  }
}

/** Waits for all, then rejects with the first reason if there is one. */
async function settleAll(promises: readonly Promise<void>[]): Promise<void> {
  const settled = await Promise.allSettled(promises);
  for (const result of settled) {
    if (result.status === "rejected") throw result.reason;
  }
}

import type { ChurnAlert, Codec, TierChange, TopicNames } from "@tidemark/contracts";
import {
  type Application,
  type Clock,
  type ClockMode,
  type EventLog,
  fixedOwnership,
  type PartitionOwnership,
  type StateStore,
  type StoreReport,
  Task,
  TASK_LIMITS,
  type TaskLimits,
  TopicMismatch,
  TurnGate,
} from "@tidemark/streams";
import { type Logger, type Metrics, seldom } from "@tidemark/telemetry";
import { OwnedTasks } from "./owned-tasks.ts";
import type { ProcessorStatus } from "./processor-status.ts";
import { observeTask } from "./task-observer.ts";

/**
 * The stream processor: a task for each partition it owns. On the embedded log these stay the same; on Kafka they come and go.
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
  readonly churnAlerts: Pick<Codec<ChurnAlert>, "select">;
  /** Opens the local store of a partition; the processor closes it. */
  openStore(partition: number): Promise<StateStore>;
  readonly clock: Clock;
  readonly mode: ClockMode;
  /** Of every keyed topic. */
  readonly partitions: number;
  /** Says which of them are owned here; default all of them, for good. */
  readonly ownership?: PartitionOwnership;
  /** What lies in the stores on disk, for whoever shares out partitions; default nothing. */
  readonly storesKept?: readonly StoreReport[];
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

/** A task whatever its state and events are. */
export type ScoringTask = Pick<Task<never, never>, "status" | "lag" | "states" | "stages" | "run">;

/**
 * Runs the tasks in the calling thread. Resolves when the stores of what is owned at the call are open.
 * @throws what kept a store from being opened: then nothing is left open
 */
export async function startProcessor<State, Event>(options: ProcessorOptions<State, Event>): Promise<Processor> {
  const { logger, clock, onProgress, partitions, ownership = fixedOwnership(allOf(partitions)) } = options;
  const limits: TaskLimits = {
    ...TASK_LIMITS,
    // Of what is owned when a turn begins.
    get turnIntervalMs() {
      return turnIntervalMs(ownership.current.partitions.length);
    },
    ...options.limits,
  };
  const gate = new TurnGate(clock);
  const tell = seldom(clock);
  const tasks = new OwnedTasks({
    ownership,
    clock,
    storesKept: options.storesKept ?? [],
    async openStore(partition) {
      requireKnown(partition, partitions);
      return options.openStore(partition);
    },
    createTask: (partition, store) => createTask(options, { partition, store, ownership, limits, gate, tell }),
    onChange: (change) => logger.info("the partitions of this processor are others now", change),
    onForgotten: () => onProgress?.("state"),
    onFailure: (partition, error) => logger.error("a task cannot go on", { error, partition }),
  });
  await tasks.opened();
  return tasks;
}

interface TaskPlace {
  readonly partition: number;
  readonly store: StateStore;
  readonly ownership: PartitionOwnership;
  readonly limits: TaskLimits;
  readonly gate: TurnGate;
  readonly tell: ReturnType<typeof seldom>;
}

function createTask<State, Event>(
  options: ProcessorOptions<State, Event>,
  { partition, store, ownership, limits, gate, tell }: TaskPlace,
): { readonly task: ScoringTask; close(): void } {
  const { topics } = options;
  const metrics = options.metrics.task(partition);
  const task = new Task<State, Event>({
    application: options.application,
    log: options.log,
    store,
    clock: options.clock,
    mode: options.mode,
    partition,
    partitions: options.partitions,
    writerId: `${topics.processorState}-${partition}`,
    owner: "processor",
    topics: {
      changelog: topics.processorState,
      journal: topics.journal,
      outputs: [topics.scores, topics.tierChanges, topics.churnAlerts, topics.deadLetters],
    },
    limits,
    gate,
    timeScale: options.timeScale,
    bootId: options.bootId,
    token: () => options.token(),
    confirmOwnership: (signal) => ownership.confirm(partition, signal),
    observer: observeTask(options, partition, metrics, tell, (): ScoringTask => task),
  });
  return { task, close: () => metrics.close() };
}

/** A group shares out what is there now: a partition that has come since belongs to nobody, since customers would move to it. */
function requireKnown(partition: number, partitions: number): void {
  if (partition < partitions) return;
  throw new TopicMismatch(
    `the topics had ${partitions} partitions and have ${partition + 1} or more now: customers have moved between them, and nothing here can be right; use another TIDEMARK_TOPIC_PREFIX`,
  );
}

export function allOf(partitions: number): readonly number[] {
  return Array.from({ length: partitions }, (_, partition) => partition);
}

/** Many partitions in one process take turns less often each, so that turns stay worth their commit. */
export function turnIntervalMs(partitions: number): number {
  return Math.max(20, 4 * partitions);
}

import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { openOrWipeLevelStore } from "@tidemark/store-level";
import {
  type Clock,
  type EventLog,
  type StageTimes,
  type StateStore,
  Task,
  TASK_LIMITS,
  type TaskLimits,
  TurnGate,
} from "@tidemark/streams";
import { type Customer, workloadApplication, type WorkloadEvent } from "./workload-application.ts";
import { PARTITIONS, type WorkloadTopics } from "./workload-topics.ts";

/** The program that is measured: a task for each partition, all in the calling thread. */
export interface ScoringTasks {
  /** Whether all have restored and know how much there is to do. */
  readonly ready: boolean;
  readonly lagRecords: number;
  /** Events that this process has applied. */
  readonly applied: number;
  readonly stages: Readonly<StageTimes>;
  /** Rejects if a task must not go on. */
  readonly ended: Promise<unknown>;
  stop(): Promise<void>;
}

export interface ScoringParts {
  readonly log: EventLog;
  readonly clock: Clock;
  readonly topics: WorkloadTopics;
  /** Directory of the stores. */
  readonly stores: string;
  readonly limits?: Partial<TaskLimits>;
  /** A task starts again after a failure: no benchmark should see any. */
  onRecovery(error: unknown): void;
}

export async function startScoring(parts: ScoringParts): Promise<ScoringTasks> {
  const { log, clock, topics, stores, limits } = parts;
  const stop = new AbortController();
  const application = workloadApplication(topics);
  let applied = 0;
  const started: { readonly task: Task<Customer, WorkloadEvent>; readonly run: Promise<void> }[] = [];
  const gate = new TurnGate(clock);
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const directory = join(stores, String(partition));
    const store = await openOrWipeLevelStore({ directory, stores: PARTITIONS }, (damage) => {
      throw damage;
    });
    const task = new Task({
      application,
      log,
      store,
      clock,
      mode: "wall",
      partition,
      partitions: PARTITIONS,
      writerId: `${topics.changelog}-${partition}`,
      owner: "bench",
      topics: { changelog: topics.changelog, journal: topics.journal, outputs: [topics.scores, topics.deadLetters] },
      limits: { ...TASK_LIMITS, ...limits },
      gate,
      timeScale: 1,
      bootId: "bench",
      token: randomUUID,
      confirmOwnership: () => Promise.resolve(),
      observer: {
        entered: () => undefined,
        recovering: (error) => parts.onRecovery(error),
        turn: ({ outcomesByInput }) => {
          for (const ofInput of outcomesByInput) applied += ofInput.applied;
        },
        registryUnavailable: () => undefined,
        modelMissing: () => undefined,
        storeDropped: () => undefined,
      },
    });
    const run = runAndClose(task, store, stop.signal);
    started.push({ task, run });
  }
  const tasks = started.map(({ task }) => task);
  const ended = Promise.all(started.map(({ run }) => run));
  // Whoever waits for it hears it; nobody has to.
  ended.catch(() => undefined);
  return {
    get ready() {
      return tasks.every((task) => task.status.state === "running" && task.lag.length > 0);
    },
    get lagRecords() {
      return tasks.reduce((sum, { lag }) => sum + lag.reduce((ofTask, { records }) => ofTask + records, 0), 0);
    },
    get applied() {
      return applied;
    },
    get stages() {
      return tasks.map(({ stages }) => stages).reduce(addStages);
    },
    ended,
    async stop() {
      stop.abort();
      await ended;
    },
  };
}

async function runAndClose(task: Task<Customer, WorkloadEvent>, store: StateStore, signal: AbortSignal): Promise<void> {
  try {
    await task.run(signal);
  } finally {
    await store.close();
  }
}

function addStages(a: Readonly<StageTimes>, b: Readonly<StageTimes>): StageTimes {
  const sum = { ...a };
  for (const stage of Object.keys(sum) as (keyof StageTimes)[]) sum[stage] += b[stage];
  return sum;
}

import { setTimeout as after } from "node:timers/promises";
import { systemClock } from "@tidemark/clock";
import type { EventLog, StageTimes, TaskLimits } from "@tidemark/streams";
import { gcPausesMs } from "../gc-pauses.ts";
import { anonymousMb } from "../memory.ts";
import type { JobContext } from "../job-context.ts";
import { type ThreadCpuMs, threadCpuMs } from "../thread-cpu.ts";
import { startScoring, type ScoringTasks } from "./scoring-tasks.ts";
import { type LogAddress, openWorkloadLog } from "./workload-log.ts";
import { ownSpecs, PARTITIONS, workloadTopics } from "./workload-topics.ts";

export interface ScoringInput {
  readonly log: LogAddress;
  /** Prefixes of the input topics, and of what the program writes. */
  readonly inputs: string;
  readonly own: string;
  /** Directory of the stores. */
  readonly stores: string;
  /** Ends when nothing is left to apply, or when it is told to stop. */
  readonly until: "caught-up" | "stopped";
  readonly limits: Partial<TaskLimits>;
  /** How much memory is taken is looked at after so many events, and at the end. */
  readonly memoryAfter?: number;
}

/** Said when all states are restored. */
export interface ScoringReady {
  /** Since the start of the process. */
  readonly seconds: number;
  /** Records of the changelog that were read, and how long that took: from the first to the last. */
  readonly restored: number;
  readonly restoreSeconds: number;
}

/** From the start of the process to the last commit, or to the stop. */
export interface ScoringFigures {
  readonly events: number;
  readonly wallSeconds: number;
  /** Of this the part from the first commit that held events. */
  readonly workSeconds: number;
  readonly cpuSeconds: number;
  readonly threads: ThreadCpuMs;
  readonly stages: Readonly<StageTimes>;
  readonly gcPauseMs: number;
  readonly scores: number;
  readonly peakMb: number;
  /** Anonymous memory; NaN where there were not so many events. */
  readonly memoryMb: { readonly early: number; readonly atEnd: number };
}

/** The program on our runtime. */
export async function scoringJob(input: ScoringInput, { ready, signal }: JobContext): Promise<ScoringFigures> {
  const clock = systemClock();
  const topics = workloadTopics(input.inputs, input.own);
  const log = await openWorkloadLog(input.log, "bench-scoring", clock);
  await log.createTopics(ownSpecs(topics));
  const changelog = countedFetches(log, topics.changelog);
  const problems: unknown[] = [];
  const scoring = await startScoring({
    ...input,
    log: changelog.log,
    clock,
    topics,
    onRecovery: (error) => problems.push(error),
  });
  await until(scoring, () => scoring.ready);
  ready({ seconds: process.uptime(), ...changelog.counted() } satisfies ScoringReady);
  const ended = (): boolean => signal.aborted || (input.until === "caught-up" && scoring.lagRecords === 0);
  await until(scoring, () => scoring.applied > 0 || ended());
  const beganAt = process.uptime();
  const { memoryAfter = Number.POSITIVE_INFINITY } = input;
  await until(scoring, () => scoring.applied >= memoryAfter || ended());
  const early = scoring.applied >= memoryAfter ? anonymousMb("self") : Number.NaN;
  await until(scoring, ended);
  const memoryMb = { early, atEnd: anonymousMb("self") };

  const wallSeconds = process.uptime();
  const { user, system } = process.cpuUsage();
  const figures = { wallSeconds, workSeconds: wallSeconds - beganAt, cpuSeconds: (user + system) / 1e6 };
  const details = { threads: threadCpuMs(process.pid), stages: scoring.stages, gcPauseMs: gcPausesMs() };
  const events = scoring.applied;
  await scoring.stop();
  if (problems.length > 0) throw new Error("a task had to start again", { cause: problems[0] });
  const scores = await countScores(log, topics.scores);
  await log.close();
  return { events, ...figures, ...details, scores, memoryMb, peakMb: process.resourceUsage().maxRSS / 1_024 };
}

const LOOK_MS = 10;

async function until(scoring: ScoringTasks, condition: () => boolean): Promise<void> {
  while (!condition()) await Promise.race([after(LOOK_MS), scoring.ended]);
}

/** The log, with the records that are read of one topic counted. */
function countedFetches(
  log: EventLog,
  topic: string,
): { readonly log: EventLog; counted(): Pick<ScoringReady, "restored" | "restoreSeconds"> } {
  let restored = 0;
  let firstAt = 0;
  let lastAt = 0;
  const counted: EventLog = {
    createTopics: (specs) => log.createTopics(specs),
    topics: () => log.topics(),
    offsets: (name, partition) => log.offsets(name, partition),
    append: (batches, options) => log.append(batches, options),
    openWriter: (id, places) => log.openWriter(id, places),
    close: () => log.close(),
    async fetch(positions, options) {
      const startedAt = performance.now();
      const slices = await log.fetch(positions, options);
      for (const slice of slices) {
        if (slice.topic !== topic || slice.records.length === 0) continue;
        if (restored === 0) firstAt = startedAt;
        restored += slice.records.length;
        lastAt = performance.now();
      }
      return slices;
    },
  };
  return { log: counted, counted: () => ({ restored, restoreSeconds: (lastAt - firstAt) / 1_000 }) };
}

/** On Kafka markers of transactions are among the offsets: about one a turn. */
async function countScores(log: EventLog, topic: string): Promise<number> {
  let scores = 0;
  for (let partition = 0; partition < PARTITIONS; partition++) scores += (await log.offsets(topic, partition)).end;
  return scores;
}

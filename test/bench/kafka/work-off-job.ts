import { setTimeout as after } from "node:timers/promises";
import { systemClock } from "@tidemark/clock";
import type { StageTimes, TaskLimits } from "@tidemark/streams";
import { gcPausesMs } from "../gc-pauses.ts";
import { type ThreadCpuMs, threadCpuMs } from "../thread-cpu.ts";
import { startScoring } from "./scoring-tasks.ts";
import { type LogAddress, openWorkloadLog } from "./workload-log.ts";
import { ownSpecs, PARTITIONS, workloadTopics } from "./workload-topics.ts";

export interface WorkOffInput {
  readonly log: LogAddress;
  /** Prefix of the input topics, and of what the program writes. */
  readonly inputs: string;
  readonly own: string;
  readonly stores: string;
  readonly limits?: Partial<TaskLimits>;
}

/** Everything from the start of the process to the last commit. */
export interface WorkOffFigures {
  readonly events: number;
  readonly wallSeconds: number;
  /** From the first commit that held records, to the last. */
  readonly workSeconds: number;
  readonly cpuSeconds: number;
  readonly cpuMs: ThreadCpuMs;
  readonly stages: Readonly<StageTimes>;
  readonly gcPauseMs: number;
  readonly scores: number;
  readonly peakMb: number;
}

/** Works off what lies in the log, from where the program stopped last or the first offset. */
export async function workOffJob({
  log: address,
  inputs,
  own,
  stores,
  limits = {},
}: WorkOffInput): Promise<WorkOffFigures> {
  const clock = systemClock();
  const topics = workloadTopics(inputs, own);
  const log = await openWorkloadLog(address, clock);
  await log.createTopics(ownSpecs(topics));
  const problems: unknown[] = [];
  const scoring = await startScoring({
    log,
    clock,
    topics,
    stores,
    limits,
    onRecovery: (error) => problems.push(error),
  });
  const before = scoring.applied;
  let beganAt = process.uptime();
  while (!scoring.ready || scoring.lagRecords > 0) {
    await Promise.race([after(LOOK_MS), scoring.ended]);
    if (scoring.applied === before) beganAt = process.uptime();
  }
  const wallSeconds = process.uptime();
  const { user, system } = process.cpuUsage();
  const cpuMs = threadCpuMs(process.pid);
  const { stages, applied: events } = scoring;
  const gcPauseMs = gcPausesMs();
  await scoring.stop();
  if (problems.length > 0) throw new Error("a task had to start again", { cause: problems[0] });
  let scores = 0;
  for (let partition = 0; partition < PARTITIONS; partition++)
    scores += (await log.offsets(topics.scores, partition)).end;
  await log.close();
  return {
    events,
    wallSeconds,
    workSeconds: wallSeconds - beganAt,
    cpuSeconds: (user + system) / 1e6,
    cpuMs,
    stages,
    gcPauseMs,
    scores,
    peakMb: process.resourceUsage().maxRSS / 1_024,
  };
}

const LOOK_MS = 5;

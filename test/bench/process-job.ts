import type { StageTimes, TaskLimits } from "@tidemark/streams";
import { gcPausesMs } from "./gc-pauses.ts";
import { anonymousMb } from "./memory.ts";
import { caughtUp, checkAllApplied, openRig, PARTITIONS, type Rig } from "./rig.ts";
import { cpuMsBetween, type ThreadCpuMs, threadCpuMs } from "./thread-cpu.ts";

/** The processor alone, from the first offset to the last commit of what lies in the log. */
export interface ProcessFigures {
  readonly wallSeconds: number;
  readonly cpuMs: ThreadCpuMs;
  readonly stages: Readonly<StageTimes>;
  /** Pauses for garbage collection of the threads that run JavaScript, wherever they fell. */
  readonly gcPauseMs: number;
  readonly scores: number;
  /** At the end of the run. */
  readonly anonymousMb: number;
}

export interface ProcessInput {
  readonly directory: string;
  /** Where they differ from the product's. */
  readonly limits?: Partial<TaskLimits>;
}

export async function processJob({ directory, limits }: ProcessInput): Promise<ProcessFigures> {
  return workOff(await openRig(directory), limits);
}

/** Starts the processor of a rig, has it work off all that is in the log, and closes the rig. */
export async function workOff(rig: Rig, limits: Partial<TaskLimits> = {}): Promise<ProcessFigures> {
  const gcBefore = gcPausesMs();
  const cpuBefore = threadCpuMs(process.pid);
  const startedAt = performance.now();
  const processor = await rig.startProcessor(limits);
  await caughtUp(processor);
  const wallSeconds = (performance.now() - startedAt) / 1_000;
  const cpuAfter = threadCpuMs(process.pid);
  const { stages } = processor;
  const gcPauseMs = gcPausesMs() - gcBefore;
  const memoryMb = anonymousMb("self");
  checkAllApplied(processor);
  await processor.stop();
  let scores = 0;
  for (let partition = 0; partition < PARTITIONS; partition++) {
    scores += (await rig.log.offsets(rig.contracts.topics.scores, partition)).end;
  }
  await rig.close();
  return {
    wallSeconds,
    cpuMs: cpuMsBetween(cpuBefore, cpuAfter),
    stages,
    gcPauseMs,
    scores,
    anonymousMb: memoryMb,
  };
}

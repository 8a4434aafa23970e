import { PerformanceObserver } from "node:perf_hooks";
import type { StageTimes } from "@tidemark/streams";
import { anonymousMb } from "./memory.ts";
import { caughtUp, checkAllApplied, openRig, PARTITIONS } from "./rig.ts";
import { cpuMsBetween, type ThreadCpuMs, threadCpuMs } from "./thread-cpu.ts";

/** The processor alone, from the first offset to the last commit of what lies in the log. */
export interface ProcessFigures {
  readonly wallSeconds: number;
  readonly cpuMs: ThreadCpuMs;
  readonly stages: Readonly<StageTimes>;
  /** Pauses of the main thread for garbage collection, wherever they fell. */
  readonly gcPauseMs: number;
  readonly scores: number;
  /** At the end of the run. */
  readonly anonymousMb: number;
}

export async function processJob({ directory }: { readonly directory: string }): Promise<ProcessFigures> {
  const rig = await openRig(directory);
  const gc = observeGc();
  const cpuBefore = threadCpuMs(process.pid);
  const startedAt = performance.now();
  const processor = await rig.startProcessor();
  await caughtUp(processor);
  const wallSeconds = (performance.now() - startedAt) / 1_000;
  const cpuAfter = threadCpuMs(process.pid);
  const { stages } = processor;
  const gcPauseMs = gc.pauseMs();
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

function observeGc(): { pauseMs(): number } {
  let sum = 0;
  const add = (entries: readonly { readonly duration: number }[]): void => {
    for (const { duration } of entries) sum += duration;
  };
  const observer = new PerformanceObserver((list) => add(list.getEntries()));
  observer.observe({ entryTypes: ["gc"] });
  return {
    pauseMs() {
      add(observer.takeRecords());
      observer.disconnect();
      return sum;
    },
  };
}

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { StageTimes } from "@tidemark/streams";
import { anonymousMb } from "./memory.ts";
import { caughtUp, openRig, PARTITIONS } from "./rig.ts";
import { appendWorkload, type Workload, WORKLOAD } from "./workload.ts";

/** One run of the workload that lies in the log already, from the first offset to the last commit. */
export interface PipelineFigures {
  readonly events: number;
  readonly customers: number;
  readonly appendSeconds: number;
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
  readonly scores: number;
  readonly anonymousMb: number;
  readonly stages: Readonly<StageTimes>;
}

export async function runPipeline(changes: Partial<Workload>): Promise<PipelineFigures> {
  const workload = { ...WORKLOAD, ...changes };
  const directory = await mkdtemp(join(tmpdir(), "tidemark-bench-"));
  try {
    const rig = await openRig(directory);
    const appendStartedAt = performance.now();
    await appendWorkload(rig.log, rig.contracts, PARTITIONS, workload);
    const appendSeconds = (performance.now() - appendStartedAt) / 1_000;
    globalThis.gc?.();
    const cpuBefore = process.cpuUsage();
    const startedAt = performance.now();
    const processor = await rig.startProcessor();
    await caughtUp(processor);
    const wallSeconds = (performance.now() - startedAt) / 1_000;
    const cpu = process.cpuUsage(cpuBefore);
    const { stages } = processor;
    const memoryMb = anonymousMb();
    await processor.stop();
    let scores = 0;
    for (let partition = 0; partition < PARTITIONS; partition++) {
      scores += (await rig.log.offsets(rig.contracts.topics.scores, partition)).end;
    }
    await rig.close();
    return {
      events: workload.events,
      customers: workload.customers,
      appendSeconds,
      wallSeconds,
      cpuSeconds: (cpu.user + cpu.system) / 1e6,
      scores,
      anonymousMb: memoryMb,
      stages,
    };
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

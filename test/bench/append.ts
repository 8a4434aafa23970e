import { openRig, PARTITIONS } from "./rig.ts";
import { appendWorkload, type Workload, WORKLOAD } from "./workload.ts";

export interface AppendInput {
  readonly directory: string;
  readonly workload: Partial<Workload>;
}

/** Appends a workload to the log of a directory that no process has open. */
export async function appendJob({ directory, workload }: AppendInput): Promise<{ readonly seconds: number }> {
  const rig = await openRig(directory);
  const startedAt = performance.now();
  await appendWorkload(rig.log, rig.contracts, PARTITIONS, { ...WORKLOAD, ...workload });
  const seconds = (performance.now() - startedAt) / 1_000;
  await rig.close();
  return { seconds };
}

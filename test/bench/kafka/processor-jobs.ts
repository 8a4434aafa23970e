import { type ProcessFigures, workOff } from "../process-job.ts";
import { PARTITIONS } from "../rig.ts";
import { appendWorkload, type Workload, WORKLOAD } from "../workload.ts";
import { type KafkaRigAddress, openKafkaRig } from "./kafka-rig.ts";

/** Appends events of this project's own records. */
export async function processorAppendJob({
  workload,
  ...address
}: KafkaRigAddress & { readonly workload: Partial<Workload> }): Promise<null> {
  const rig = await openKafkaRig(address);
  await appendWorkload(rig.log, rig.contracts, PARTITIONS, { ...WORKLOAD, ...workload });
  await rig.close();
  return null;
}

/** The processor, from the first offset to the last commit of what lies in the log. */
export async function processorJob(address: KafkaRigAddress): Promise<ProcessFigures> {
  return workOff(await openKafkaRig(address));
}

import { systemClock } from "@tidemark/clock";
import { appendEvents, EVENTS_WANTED, type EventsWanted } from "./workload-events.ts";
import { type LogAddress, openWorkloadLog } from "./workload-log.ts";
import { inputSpecs, workloadTopics } from "./workload-topics.ts";

export interface AppendInput {
  readonly log: LogAddress;
  /** Prefix of the input topics. */
  readonly inputs: string;
  readonly wanted: Partial<EventsWanted>;
}

export async function appendJob({ log: address, inputs, wanted }: AppendInput): Promise<void> {
  const log = await openWorkloadLog(address, "bench-append", systemClock());
  const topics = workloadTopics(inputs, inputs);
  await log.createTopics(inputSpecs(topics));
  await appendEvents(log, topics, { ...EVENTS_WANTED, ...wanted });
  await log.close();
}

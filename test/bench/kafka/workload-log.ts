import type { KafkaLogLimits } from "@tidemark/log-kafka";
import type { Clock, EventLog } from "@tidemark/streams";

/** Where the topics of a run are. */
export type LogAddress =
  | { readonly kind: "embedded"; readonly directory: string }
  | { readonly kind: "kafka"; readonly broker: string };

/** @param clientId names the process in the broker's logs */
export async function openWorkloadLog(
  address: LogAddress,
  clientId: string,
  clock: Clock,
  limits: Partial<KafkaLogLimits> = {},
): Promise<EventLog> {
  // Loaded when it is needed: what a process loads at its start is part of its CPU time.
  if (address.kind === "embedded") {
    const { openEmbeddedLog } = await import("@tidemark/log-embedded");
    return openEmbeddedLog({ directory: address.directory, clock });
  }
  const { openKafkaLog } = await import("@tidemark/log-kafka");
  const replication = { factor: 1, insyncMin: 1 };
  return openKafkaLog({ brokers: [address.broker], clientId, clock, replication, limits });
}

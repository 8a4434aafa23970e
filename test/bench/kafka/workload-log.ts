import { openEmbeddedLog } from "@tidemark/log-embedded";
import type { Clock, EventLog } from "@tidemark/streams";

/** Where the topics of a run are. */
export type LogAddress = { readonly kind: "embedded"; readonly directory: string };

export async function openWorkloadLog(address: LogAddress, clock: Clock): Promise<EventLog> {
  return openEmbeddedLog({ directory: address.directory, clock });
}

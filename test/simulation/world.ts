import * as logEmbedded from "@tidemark/log-embedded";
import { openLevelStore } from "@tidemark/store-level";
import type { Clock, EventLog, StateStore } from "@tidemark/streams";
import { MemoryLevel } from "memory-level";

/** The package of the embedded log, or a copy with a fault planted in it. */
export type LogPackage = typeof logEmbedded;

/** The real log and the real store, in memory: no second implementation. */
export function openLog(clock: Clock, log: LogPackage = logEmbedded): Promise<EventLog> {
  return log.openEmbeddedLog({ level: new MemoryLevel({ keyEncoding: "buffer", valueEncoding: "buffer" }), clock });
}

export function openStore(): Promise<StateStore> {
  return openLevelStore({ level: new MemoryLevel({ keyEncoding: "utf8", valueEncoding: "buffer" }) });
}

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type Contracts, openContracts, openFileRegistry } from "@tidemark/contracts";
import { type EmbeddedLog, openEmbeddedLog } from "@tidemark/log-embedded";
import type { LogRecord } from "@tidemark/streams";
import { readAll } from "../conformance/log-under-test.ts";
import { systemClock } from "../conformance/system-clock.ts";

/** The log of a data directory that no process has open, and its codecs. */
export interface DataLog extends AsyncDisposable {
  readonly log: EmbeddedLog;
  readonly contracts: Contracts;
  readonly partitions: number;
  /** The records of a topic that are kept, by partition, in order. */
  read(topic: string): Promise<readonly (readonly LogRecord[])[]>;
}

export async function openDataLog(directory: string): Promise<DataLog> {
  const { topicPrefix, partitions } = JSON.parse(await readFile(join(directory, "installation.json"), "utf8")) as {
    readonly topicPrefix: string;
    readonly partitions: number;
  };
  const registry = await openFileRegistry(join(directory, "schemas.json"));
  const contracts = await openContracts({ registry, prefix: topicPrefix });
  const log = await openEmbeddedLog({ directory: join(directory, "log"), clock: systemClock });
  return {
    log,
    contracts,
    partitions,
    async read(topic) {
      const spec = (await log.topics()).find(({ name }) => name === topic);
      return Promise.all(
        Array.from({ length: spec?.partitions ?? 0 }, async (_, index) => {
          return readAll(log, topic, index, { offset: (await log.offsets(topic, index)).start });
        }),
      );
    },
    [Symbol.asyncDispose]: () => log.close(),
  };
}

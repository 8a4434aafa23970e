import { readFile } from "node:fs/promises";
import type { Broker } from "./broker.ts";
import { logOf } from "./broker-process.ts";

/**
 * What the broker has said of ends of transactions that it wrote into no partition, since it took the partition for deleted.
 * A test deletes none: a broker that says so loses what was committed, or shows what was not (KAFKA-20734).
 */
export async function endsLostBy({ directory }: Broker): Promise<readonly string[]> {
  const log = await readFile(logOf(directory), "utf8");
  return log.split("\n").filter((line) => line.includes(TAKEN_FOR_DELETED));
}

const TAKEN_FOR_DELETED = "while trying to send transaction markers";

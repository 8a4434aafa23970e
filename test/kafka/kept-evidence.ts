import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Broker } from "./broker.ts";
import type { Installation } from "./installation.ts";
import { endsLostBy } from "./ends-lost-by.ts";
import { OUTPUT_NAMES } from "./oracle/run-records.ts";
import type { FleetMember } from "./processor-fleet.ts";
import { writtenBatches } from "./written-batches.ts";

/**
 * Checks the run; where it fails, keeps what says why, since what comes once in many runs cannot be had again: all batches and markers of
 * the outputs as the broker has them, those that no reader sees too, the ends that it lost, and what the processors said.
 * @throws what the check throws, its message ending with the file
 */
export async function checkKeepingEvidence(
  installation: Installation,
  broker: Broker,
  members: readonly FleetMember[],
): ReturnType<Installation["check"]> {
  try {
    return await installation.check();
  } catch (error) {
    const file = join(await mkdtemp(join(tmpdir(), "tidemark-evidence-")), "evidence.txt");
    await writeFile(file, await evidence(installation, broker, members));
    if (error instanceof Error) error.message += `\nwhat the broker has, and what the processors said: ${file}`;
    throw error;
  }
}

async function evidence(
  { contracts: { topics }, partitions }: Installation,
  broker: Broker,
  members: readonly FleetMember[],
): Promise<string> {
  const lines: string[] = [...(await endsLostBy(broker))];
  for (const topic of OUTPUT_NAMES.map((name) => topics[name])) {
    for (let partition = 0; partition < partitions; partition++) {
      lines.push(`${topic}-${partition}`);
      for (const batch of await writtenBatches(join(broker.directory, "data"), topic, partition)) {
        lines.push(`  ${JSON.stringify(batch)}`);
      }
    }
  }
  return [...lines, ...members.map(({ stderr }) => stderr)].join("\n");
}

import { cp, readFile, rm, writeFile } from "node:fs/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import * as streams from "@tidemark/streams";
import type { RunOptions } from "./run.ts";
import type { Runtime } from "./runtime.ts";
import type { openLog } from "./world.ts";

/**
 * Faults planted in the runtime, to show that the simulation can fail: each is a change of its source that a
 * hurried hand could make. `plant` makes a copy of the package with the change.
 */
export interface PlantedFault {
  readonly name: string;
  readonly package: "streams" | "log-embedded" | "application";
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

export const PLANTED_FAULTS: readonly PlantedFault[] = [];

/** @throws if the place where the fault belongs is not there exactly once: then the list has to follow the code */
export async function plant(fault: PlantedFault): Promise<RunOptions> {
  if (fault.package === "application") return { runtime: streams, applicationFaults: { skipDedup: true } };
  const source = fileURLToPath(new URL(`../../packages/${fault.package}/src/`, import.meta.url));
  const copy = fileURLToPath(new URL(`.planted/${fault.name}/`, import.meta.url));
  await rm(copy, { recursive: true, force: true });
  await cp(source, copy, { recursive: true });
  const path = `${copy}${fault.file}`;
  const text = await readFile(path, "utf8");
  if (text.split(fault.find).length !== 2) throw new Error(`${fault.name}: its place in ${fault.file} is not there exactly once`);
  await writeFile(path, text.replace(fault.find, () => fault.replace));
  const planted: unknown = await import(pathToFileURL(`${copy}index.ts`).href);
  return fault.package === "streams"
    ? { runtime: planted as Runtime }
    : { runtime: streams, openLog: openPlantedLog(planted as PlantedLog) };
}

interface PlantedLog {
  readonly openEmbeddedLog: unknown;
}

function openPlantedLog(planted: PlantedLog): typeof openLog {
  throw new Error(`not yet ${typeof planted.openEmbeddedLog}`);
}

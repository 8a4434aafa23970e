import type { LevelInstance, LevelOperation } from "./level-instance.ts";

export type Fault = "none" | "not written" | "written, and said that it was not";

/** A Level whose writes a test looks at, holds up and lets fail. */
export interface FaultyLevel {
  readonly level: LevelInstance;
  readonly writes: { readonly operations: readonly LevelOperation[]; readonly sync: boolean }[];
  /** Asked before each write. */
  fault: (operations: readonly LevelOperation[]) => Fault | Promise<Fault>;
}

export function faultyLevel(level: LevelInstance): FaultyLevel {
  const faulty: FaultyLevel = { level, writes: [], fault: () => "none" };
  const batch = level.batch.bind(level) as (operations: LevelOperation[], options: object) => Promise<void>;
  const wrapped = async (operations: LevelOperation[], options: { readonly sync?: boolean }): Promise<void> => {
    faulty.writes.push({ operations, sync: options.sync === true });
    const fault = await faulty.fault(operations);
    if (fault === "not written") throw new Error("no space left on device");
    await batch(operations, options);
    if (fault !== "none") throw new Error("input/output error");
  };
  Object.assign(level, { batch: wrapped });
  return faulty;
}

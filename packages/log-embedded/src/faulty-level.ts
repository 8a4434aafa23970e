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
  const batch = level.batch.bind(level) as unknown as Batch;
  const written = async (operations: readonly LevelOperation[], sync: boolean, write: () => Promise<void>) => {
    faulty.writes.push({ operations, sync });
    const fault = await faulty.fault(operations);
    if (fault === "not written") throw new Error("no space left on device");
    await write();
    if (fault !== "none") throw new Error("input/output error");
  };
  const wrapped = (operations?: LevelOperation[], options?: { readonly sync?: boolean }) => {
    if (operations !== undefined) {
      return written(operations, options?.sync === true, () => batch(operations, options ?? {}));
    }
    const chained = batch();
    const put = chained.put.bind(chained);
    const del = chained.del.bind(chained);
    const write = chained.write.bind(chained);
    const added: LevelOperation[] = [];
    return Object.assign(chained, {
      put(key: Buffer, value: Buffer, encodings: object) {
        added.push({ type: "put", key, value });
        return put(key, value, encodings);
      },
      del(key: Buffer, encodings: object) {
        added.push({ type: "del", key });
        return del(key, encodings);
      },
      write: (writing: { readonly sync?: boolean }) => written(added, writing.sync === true, () => write(writing)),
    });
  };
  Object.assign(level, { batch: wrapped });
  return faulty;
}

/** Of a Level, in the two ways that the log calls it. */
interface Batch {
  (operations: LevelOperation[], options: object): Promise<void>;
  (): {
    put(key: Buffer, value: Buffer, encodings: object): unknown;
    del(key: Buffer, encodings: object): unknown;
    write(options: object): Promise<void>;
  };
}

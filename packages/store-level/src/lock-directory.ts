import { join } from "node:path";
import { openLevelStore } from "./level-store.ts";

/**
 * Keeps other processes out of a directory whose stores are opened one by one, as their partitions come. Freed when it is disposed of,
 * and by the end of the process whatever ends it. The directory is made if there is none.
 * @throws DirectoryLocked, StoreUnavailable
 */
export async function lockDirectory(directory: string): Promise<AsyncDisposable> {
  const lock = await openLevelStore({ directory: join(directory, "lock") });
  return { [Symbol.asyncDispose]: () => lock.close() };
}

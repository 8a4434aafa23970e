import { StateCorrupted, type StateStore } from "@tidemark/streams";
import { wipe } from "./level-files.ts";
import { openLevelStore } from "./level-store.ts";

/**
 * Opens a store of what can be made again from the log: one that cannot be opened for damage is wiped and comes up empty.
 * @throws DirectoryLocked, StoreUnavailable
 */
export async function openOrWipeLevelStore(directory: string): Promise<StateStore> {
  try {
    return await openLevelStore({ directory });
  } catch (error) {
    if (!(error instanceof StateCorrupted)) throw error;
    await wipe(directory);
    return openLevelStore({ directory });
  }
}

import { StateCorrupted, type StateStore } from "@tidemark/streams";
import { isHalfWiped, wipe } from "./level-files.ts";
import { openLevelStore, type StoreDirectory } from "./level-store.ts";

/**
 * Opens a store of what can be made again from the log: one that cannot be opened for damage is wiped and comes up empty.
 * @param onDamage told of it
 * @throws DirectoryLocked, StoreUnavailable
 */
export async function openOrWipeLevelStore(
  store: StoreDirectory,
  onDamage: (error: StateCorrupted) => void,
): Promise<StateStore> {
  try {
    return await openLevelStore(store);
  } catch (error) {
    if (!(error instanceof StateCorrupted)) throw error;
    // Where a kill came into the wiping the files are gone for a reason.
    if (!isHalfWiped(store.directory)) onDamage(error);
    await wipe(store.directory);
    return openLevelStore(store);
  }
}

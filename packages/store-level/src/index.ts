export {
  openLevelStore,
  type LevelInstance,
  type LevelStoreOptions,
  type StoreDirectory,
  type StoreOwner,
} from "./level-store.ts";
export { lockDirectory } from "./lock-directory.ts";
export { openOrWipeLevelStore } from "./open-or-wipe.ts";

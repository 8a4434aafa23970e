export { openLevelStore, type LevelInstance, type LevelStoreOptions } from "./level-store.ts";
export { lockDirectory } from "./lock-directory.ts";
export { openOrWipeLevelStore } from "./open-or-wipe.ts";

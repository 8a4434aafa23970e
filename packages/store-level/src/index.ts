export { openLevelStore, type LevelInstance, type LevelStoreOptions } from "./level-store.ts";
export { openOrWipeLevelStore } from "./open-or-wipe.ts";

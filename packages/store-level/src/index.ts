export { wipe as wipeLevelStore } from "./level-files.ts";
export { openLevelStore, type LevelInstance, type LevelStoreOptions } from "./level-store.ts";

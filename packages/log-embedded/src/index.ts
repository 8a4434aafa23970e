export { connectLog } from "./connect-log.ts";
export { KEY_BYTES_MAX, LOG_LIMITS, type LogLimits } from "./limits.ts";
export type { LevelInstance } from "./level-instance.ts";
export { openEmbeddedLog, type EmbeddedLog, type EmbeddedLogOptions } from "./open-embedded-log.ts";
export { serveLog, shareLog } from "./share-log.ts";

export { ConfigInvalid, gatewayConfigSchema, parseGatewayConfig } from "./config.ts";
export type { GatewayConfig } from "./config.ts";
export { createGateway } from "./gateway.ts";
export type { Gateway, GatewayOptions } from "./gateway.ts";
export { createImportTarget, ImportConflict } from "./import-target.ts";
export type { ImportChunk, ImportItem, ImportStatus, ImportTarget, ImportTargetOptions } from "./import-target.ts";
export type { StreamLimits } from "./live-streams.ts";
export { createTierCounts, sumCounts } from "./tier-counts.ts";
export type { BaseCounts, TierCounts } from "./tier-counts.ts";

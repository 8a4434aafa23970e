export { BatchRefused } from "./batch-refused.ts";
export type { BatchCodec } from "./record-batch-encoder.ts";
export { type GroupMembership, type GroupOptions, joinGroup } from "./group-membership.ts";
export { GROUP_LIMITS, type GroupLimits } from "./group-limits.ts";

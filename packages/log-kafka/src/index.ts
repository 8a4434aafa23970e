export { connectionParts, type KafkaConnection } from "./kafka-connection.ts";
export type { KafkaLogLimits } from "./limits.ts";
export type { TopicProblem } from "./kafka-topics.ts";
export { openKafkaLog, type KafkaLog, type KafkaLogOptions } from "./open-kafka-log.ts";
export type { BatchCodec } from "./record-batch-encoder.ts";
export { type GroupMembership, type GroupOptions, joinGroup } from "./group-membership.ts";
export { GROUP_LIMITS, type GroupLimits } from "./group-limits.ts";
export type { Replication } from "./topic-settings.ts";

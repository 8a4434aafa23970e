export type { KafkaLogLimits } from "./limits.ts";
export type { TopicProblem } from "./kafka-topics.ts";
export { openKafkaLog, type KafkaLog, type KafkaLogOptions } from "./open-kafka-log.ts";
export type { BatchCodec } from "./record-batch-encoder.ts";
export type { Replication } from "./topic-settings.ts";

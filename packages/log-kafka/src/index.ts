export { BatchRefused } from "./batch-refused.ts";
export type { BatchCodec } from "./record-batch-encoder.ts";

export type { BatchCodec } from "./record-batch-encoder.ts";

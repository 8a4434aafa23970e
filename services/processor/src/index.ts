export type { ScaledClock } from "./journal-codec.ts";
export { startProcessor } from "./processor.ts";
export type { Processor, ProcessorOptions } from "./processor.ts";
export { createScoringApplication } from "./scoring-application.ts";
export type { ScoringOptions } from "./scoring-application.ts";

export { evaluateScorecard } from "./evaluate-scorecard.ts";
export type { DimensionResult, ScorecardResult } from "./evaluate-scorecard.ts";
export { parseScorecard, scorecardJsonSchema } from "./parse-scorecard.ts";
export type { ParsedScorecard, ScorecardProblem } from "./parse-scorecard.ts";
export { PRESETS } from "./presets.ts";
export type { Bins, Dimension, Grade, GradeCondition, Scorecard, ScorecardItem } from "./scorecard.ts";

export { ALERT_BANDS_MAX, severityOf } from "./alerts/alert-rules.ts";
export { followBand, isCrossed, startBand } from "./alerts/churn-band.ts";
export type { AlertChange } from "./alerts/standing-alerts.ts";
export { applyEvent, GRACE_MS } from "./apply-event.ts";
export type { ApplyTerms, ProfileEvent } from "./apply-event.ts";
export { artefactText, MODEL_WORD_BYTES_MAX, modelHash } from "./artefact.ts";
export type { Artefact, BaseFigures, Hazard, TierRules, TierScorecard } from "./artefact.ts";
export { isSuppressed } from "./consent.ts";
export type { ConsentDefault } from "./consent.ts";
export { contractOf, isRunning, nextRenewal } from "./contract.ts";
export { createDayCalendar } from "./day-calendar.ts";
export type { DayCalendar } from "./day-calendar.ts";
export { defaultArtefact, overriddenArtefact } from "./default-artefact.ts";
export type { ArtefactOverrides } from "./default-artefact.ts";
export { fingerprintOf } from "./fingerprint.ts";
export { CATALOGUE, indicatorsOf } from "./indicators/catalogue.ts";
export type { IndicatorValues } from "./indicators/catalogue.ts";
export type {
  Indicator,
  IndicatorFamily,
  IndicatorNeed,
  IndicatorUnit,
  IndicatorValue,
} from "./indicators/indicator.ts";
export { erasureOf, isBeforeErasure, profileAfter } from "./erasure.ts";
export { fittedArtefact } from "./fitted-artefact.ts";
export type { FittedParameters } from "./fitted-artefact.ts";
export { hazardTerms } from "./hazard/hazard.ts";
export { createModel } from "./model.ts";
export type { Model, TierLevel } from "./model.ts";
export { modelIdOf, shelfOf } from "./model-shelf.ts";
export type { ModelShelf } from "./model-shelf.ts";
export { judge } from "./judge.ts";
export type { Judgement } from "./judge.ts";
export { nextDue } from "./next-due.ts";
export type { Outcome } from "./outcome.ts";
export { reasonText } from "./reasons/reason-text.ts";
export type { ReasonLanguage } from "./reasons/reason-text.ts";
export { relationshipOf } from "./relationship.ts";
export { monthOf } from "./calendar-month.ts";
export { rememberStanding } from "./standing.ts";
export { rememberTierMove } from "./tier-moves.ts";
export { categoryKeysOf } from "./purchase-breadth.ts";
export { tieredScore as score } from "./tiered-score.ts";
export type { ScoreBody } from "./score.ts";
export { SCORING_VERSION } from "./scoring-version.ts";
export { judgeTier } from "./tier.ts";
export type { TierJudgement, TierStanding } from "./tier.ts";
export { valuationAt } from "./valuation.ts";
export { stepsUntil } from "./valuation-bounds.ts";

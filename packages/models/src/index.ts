export { aliveCrossing, silenceCrossings } from "./crossing-times.ts";
export type { SilenceBand } from "./crossing-times.ts";
export { summariseCustomers, summariseHoldOut } from "./customer-summary.ts";
export type { CustomerSummary, HoldOut, SummaryTerms, Transaction } from "./customer-summary.ts";
export { createDiscountSchedule } from "./discount-schedule.ts";
export type { DiscountSchedule, DiscountTerms } from "./discount-schedule.ts";
export { createPurchaseCurves, discountedPurchasesAlive } from "./discounted-purchases.ts";
export type { PurchaseCurves } from "./discounted-purchases.ts";
export type { Estimate } from "./estimate.ts";
export { InvalidInput, Unfittable } from "./errors.ts";
export type { FitWarning, FitWarningCode, InvalidInputCode, UnfittableCode } from "./errors.ts";
export { fitGammaGamma } from "./fit-gamma-gamma.ts";
export type { GammaGammaFit, SpendHistory } from "./fit-gamma-gamma.ts";
export { fitPurchaseModel } from "./fit-purchase-model.ts";
export type { FitOptions, PurchaseFit } from "./fit-purchase-model.ts";
export { fitSbg } from "./fit-sbg.ts";
export type { Cohort, SbgFit } from "./fit-sbg.ts";
export { gammaGammaLogLikelihood, gammaGammaMean } from "./gamma-gamma.ts";
export type { GammaGammaParameters } from "./gamma-gamma.ts";
export { fitIsotonic, isotonicValue } from "./isotonic.ts";
export type { IsotonicFit, IsotonicPrediction } from "./isotonic.ts";
export { fitLogisticRegression, logisticRegressionLogit } from "./logistic-regression.ts";
export type {
  LogisticRegressionData,
  LogisticRegressionFit,
  LogisticRegressionOptions,
} from "./logistic-regression.ts";
export { logistic, logit } from "./logistic.ts";
export {
  mbgAlive,
  mbgExpectedPurchases,
  mbgExpectedPurchasesAlive,
  mbgExpectedPurchasesNew,
  mbgLogLikelihood,
  mbgMass,
  mbgSilence,
  mbgStanding,
} from "./mbg-nbd.ts";
export type { MbgNbdParameters, MbgStanding } from "./mbg-nbd.ts";
export { areaUnderCurve, aucInterval } from "./metrics/auc.ts";
export type { AucInterval } from "./metrics/auc.ts";
export { brierDecomposition, brierScore } from "./metrics/brier.ts";
export type { BrierDecomposition } from "./metrics/brier.ts";
export { calibrationCurve, expectedCalibrationError } from "./metrics/calibration-curve.ts";
export type { CalibrationBin } from "./metrics/calibration-curve.ts";
export { concordance } from "./metrics/concordance.ts";
export type { Concordance } from "./metrics/concordance.ts";
export { gainCurve, topValueShare } from "./metrics/gain.ts";
export type { GainGroup } from "./metrics/gain.ts";
export { logLoss } from "./metrics/log-loss.ts";
export { oddsRatio } from "./metrics/odds-ratio.ts";
export type { OddsRatio, Outcomes } from "./metrics/odds-ratio.ts";
export { meanAbsoluteError, pearsonCorrelation, rootMeanSquaredError } from "./metrics/point-errors.ts";
export { wilsonInterval } from "./metrics/wilson.ts";
export type { Interval } from "./metrics/wilson.ts";
export { fitPlatt, plattProbability } from "./platt.ts";
export type { PlattScaling } from "./platt.ts";
export type { PurchaseHistory } from "./purchase-histories.ts";
export { createPurchaseModel } from "./purchase-model.ts";
export type { PurchaseModel } from "./purchase-model.ts";
export type { PurchaseModelName, PurchaseModelParameters, PurchaseModelSpec } from "./purchase-model-parameters.ts";
export { createQuantileTable, percentileOf, quantileOf } from "./quantile-table.ts";
export type { QuantileTable } from "./quantile-table.ts";
export { fitSeasonCalibration, seasonCalibratedLogit } from "./season-calibration.ts";
export type { SeasonCalibration, SeasonForecasts } from "./season-calibration.ts";
export { monthlyIndex, seasonColumns, seasonHarmonics } from "./season.ts";
export type { SeasonWindow } from "./season.ts";
export { sbgChurn, sbgChurnWithin, sbgLogLikelihood, sbgResidualLifetime, sbgRetention, sbgSurvival } from "./sbg.ts";
export type { SbgParameters } from "./sbg.ts";
export { historyOf, seededRandom, simulatedCohort, simulatedPurchases, simulatedSpend } from "./simulated-customers.ts";
export type { Random } from "./simulated-customers.ts";

export { createDiscountSchedule } from "./discount-schedule.ts";
export type { DiscountSchedule, DiscountTerms } from "./discount-schedule.ts";
export { createPurchaseCurves, discountedPurchasesAlive } from "./discounted-purchases.ts";
export type { PurchaseCurves } from "./discounted-purchases.ts";
export { gammaGammaLogLikelihood, gammaGammaMean } from "./gamma-gamma.ts";
export type { GammaGammaParameters } from "./gamma-gamma.ts";
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

import type { AlertKind, AlertSeverity } from "@tidemark/contracts";
import { DAY_MS } from "../day-calendar.ts";

/**
 * What is told to a retention desk, as data. A kind that is not named is not told. After an alert no other of its kind and subject is raised
 * before `coolDownDays` are over.
 */
export interface AlertRules {
  /** Churn of a repeat customer crosses one of the bands upward. */
  readonly churn?: ChurnRule | undefined;
  /** The profit of the whole life falls below 0; known only where the artefact says what customers cost. */
  readonly lossMaking?: CoolDown | undefined;
  /** The newest review is below this sentiment, −1 to 1, and no older than so many days. */
  readonly negativeReview?: (CoolDown & { readonly below: number; readonly standsDays: number }) | undefined;
  /** A complaint is open for longer than the artefact's `complaintSlaHours`. */
  readonly complaintOverdue?: CoolDown | undefined;
  /** An order on account is not paid so many days after the payment was due. */
  readonly paymentOverdue?: (CoolDown & { readonly graceDays: number }) | undefined;
  /** The least value at risk of each severity, major units, ascending; below the first it is LOW. */
  readonly severity: { readonly mediumMajor: number; readonly highMajor: number; readonly criticalMajor: number };
}

interface CoolDown {
  readonly coolDownDays: number;
}

interface ChurnRule extends CoolDown {
  /** Ascending, at most {@link ALERT_BANDS_MAX}, above the hysteresis and below 1. */
  readonly bands: readonly number[];
  /** An alert is cleared when churn lies below its band by more than this. */
  readonly hysteresis: number;
}

/** Two bits of `Profile.alertFlags` each. */
export const ALERT_BANDS_MAX = 4;

/**
 * Where an artefact has none. Bands: of repeat buyers who cross .5 or .7 twice to three times as many are then silent for 90 days as of the others
 * (CDNOW, a seasonal retailer). Severities are those of the default tiers' thresholds. The rest is cautious and has no source.
 */
const ALERT_RULES: AlertRules = {
  churn: { bands: [0.5, 0.7], hysteresis: 0.05, coolDownDays: 7 },
  lossMaking: { coolDownDays: 30 },
  negativeReview: { below: -0.25, standsDays: 30, coolDownDays: 7 },
  complaintOverdue: { coolDownDays: 3 },
  paymentOverdue: { graceDays: 3, coolDownDays: 7 },
  severity: { mediumMajor: 6, highMajor: 20, criticalMajor: 60 },
};

/** The rules made ready. */
export interface AlertTerms {
  readonly bands: readonly number[];
  readonly hysteresis: number;
  readonly reviewBelow: number;
  readonly reviewStandsMs: number;
  readonly paymentGraceMs: number;
  /** null = the kind is not told. */
  readonly coolDownMs: Readonly<Record<AlertKind, number | null>>;
  /** From medium to critical, minor units. */
  readonly severityFromMinor: readonly [number, number, number];
}

/** @param knowsCosts whether the artefact says what customers cost; without it nobody is known to be loss-making */
export function alertTerms(
  rules: AlertRules | undefined,
  { knowsCosts, minorPerMajor }: { readonly knowsCosts: boolean; readonly minorPerMajor: number },
): AlertTerms {
  const { churn, lossMaking, negativeReview, complaintOverdue, paymentOverdue, severity } = rules ?? ALERT_RULES;
  const coolDown = (rule: CoolDown | undefined): number | null =>
    rule === undefined ? null : rule.coolDownDays * DAY_MS;
  return {
    bands: churn?.bands ?? [],
    hysteresis: churn?.hysteresis ?? 0,
    reviewBelow: negativeReview?.below ?? -Infinity,
    reviewStandsMs: (negativeReview?.standsDays ?? 0) * DAY_MS,
    // At the due time itself an order is not overdue yet.
    paymentGraceMs: (paymentOverdue?.graceDays ?? 0) * DAY_MS + 1,
    coolDownMs: {
      UNKNOWN: null,
      CHURN: coolDown(churn),
      LOSS_MAKING: knowsCosts ? coolDown(lossMaking) : null,
      NEGATIVE_REVIEW: coolDown(negativeReview),
      COMPLAINT_OVERDUE: coolDown(complaintOverdue),
      PAYMENT_OVERDUE: coolDown(paymentOverdue),
    },
    severityFromMinor: [
      severity.mediumMajor * minorPerMajor,
      severity.highMajor * minorPerMajor,
      severity.criticalMajor * minorPerMajor,
    ],
  };
}

/** By the value at risk, whole minor units; of who has none it is LOW. */
export function severityOf(
  atRiskMinor: number,
  { severityFromMinor: [medium, high, critical] }: AlertTerms,
): AlertSeverity {
  if (atRiskMinor >= critical) return "CRITICAL";
  if (atRiskMinor >= high) return "HIGH";
  return atRiskMinor >= medium ? "MEDIUM" : "LOW";
}

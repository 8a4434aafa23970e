import { emptyProfile, type Profile, type Purchase } from "@tidemark/contracts";
import type { Transaction } from "@tidemark/models";
import { applyEvent, followBand, isCrossed, type Model, score, startBand } from "@tidemark/scoring";
import { assert } from "@tidemark/streams";
import { noProgress, type Progress } from "../import/progress.ts";
import { WEEK } from "./observed-customers.ts";
import type { PurchaseDays } from "./purchase-days.ts";

/** When customers are looked at: at the end of each of some weeks. */
export interface LookPlan {
  /** The first week begins the day after it, days since 1970-01-01. */
  readonly calibrationDay: number;
  readonly weeks: number;
  /** Days after a look within which a purchase belies silence. */
  readonly horizonDays: number;
  /** Ascending bands of churn. */
  readonly bands: readonly number[];
}

/** What all looks together came to. */
export interface AlertLooks {
  /** Repeat buyers of the last year, summed over the weeks. */
  readonly looks: number;
  /** Their value at risk at the last look, minor units. */
  readonly atRiskMinor: number;
  readonly bands: readonly BandTally[];
}

export interface BandTally {
  readonly band: number;
  /** Of those who crossed the band within the week before a look: whether they then stayed silent. */
  readonly alerted: SilenceCount;
  /** Of those who were below it at the look. */
  readonly below: SilenceCount;
  /** Crossed it within a week and bought again before its end: in neither. */
  readonly backWithinWeek: number;
  /** By week. */
  readonly alertsByWeek: readonly number[];
  /** Value at risk of those alerted, at the look, summed; minor units. */
  readonly alertedAtRiskMinor: number;
  /** The part of `AlertLooks.atRiskMinor` of customers alerted since their last purchase, minor units. */
  readonly coveredMinor: number;
}

interface SilenceCount {
  readonly silent: number;
  readonly bought: number;
}

/**
 * Replays each customer's purchases, in order of time, through the pipeline's own scoring, and looks at him once a week.
 * Only repeat buyers count whose last purchase is at most {@link YEAR_DAYS} days old.
 */
export function lookAtAlerts(
  days: PurchaseDays,
  plan: LookPlan,
  model: Model,
  progress: Progress = noProgress,
): AlertLooks {
  const tallies = plan.bands.map((band) => emptyTally(band, plan.weeks));
  const total = { looks: 0, atRiskMinor: 0 };
  progress.stage("replaying", days.customers, "items");
  for (let customer = 0; customer < days.customers; customer++) {
    followCustomer(days.of(customer), plan, model, total, tallies);
    progress.update(customer + 1);
  }
  progress.stop();
  return { ...total, bands: tallies };
}

/** A customer's last purchase is of the last year if it is no older than this. */
const YEAR_DAYS = 365;

type Tally = { -readonly [Name in keyof BandTally]: BandTally[Name] } & {
  readonly alerted: { silent: number; bought: number };
  readonly below: { silent: number; bought: number };
  readonly alertsByWeek: number[];
};

function emptyTally(band: number, weeks: number): Tally {
  return {
    band,
    alerted: { silent: 0, bought: 0 },
    below: { silent: 0, bought: 0 },
    backWithinWeek: 0,
    alertsByWeek: Array.from({ length: weeks }, () => 0),
    alertedAtRiskMinor: 0,
    coveredMinor: 0,
  };
}

interface Total {
  looks: number;
  atRiskMinor: number;
}

function followCustomer(
  own: readonly Transaction[],
  plan: LookPlan,
  model: Model,
  total: Total,
  tallies: readonly Tally[],
): void {
  const { calibrationDay, weeks } = plan;
  const profile = emptyProfile("");
  for (const [i, { day, amount }] of own.entries()) {
    if (day > calibrationDay + weeks * WEEK) return;
    applyPurchase(profile, i, day, amount, model);
    const next = own[i + 1]?.day ?? Infinity;
    // Who has not bought again is no repeat buyer, and what lies before the calibration is the model's.
    if (i > 0 && next > calibrationDay) followSilence(profile, day, next, plan, model, total, tallies);
  }
}

/** The looks from one purchase to the day before the next. */
function followSilence(
  profile: Profile,
  day: number,
  next: number,
  { calibrationDay, weeks, horizonDays, bands }: LookPlan,
  model: Model,
  total: Total,
  tallies: readonly Tally[],
): void {
  const lookAt = (when: number) => {
    const { churn, value } = score(profile, model.calendar.endOf(when), model);
    assert(churn !== null && value !== null, "a buyer has churn and value");
    return { churn, atRiskMinor: value.atRiskMinor };
  };
  const alerted = new Set<number>();
  const firstWeek = Math.max(0, Math.ceil((day - calibrationDay) / WEEK) - 1);
  // What was above a band when the weeks began does not cross it in them.
  const begun = lookAt(Math.max(day, calibrationDay)).churn;
  let followed = bands.map((band) => ({ band, state: startBand(begun, band) }));
  for (let week = firstWeek; week < weeks; week++) {
    const end = calibrationDay + (week + 1) * WEEK;
    const isBack = next <= end;
    const today = isBack ? next - 1 : end;
    if (day < today - YEAR_DAYS || next <= end - WEEK) return;
    const { churn, atRiskMinor } = lookAt(today);
    const crossed: number[] = [];
    followed = followed.map(({ band, state }) => {
      const now = followBand(state, churn, band, model.alerts.hysteresis);
      if (isCrossed(state, now)) crossed.push(band);
      return { band, state: now };
    });
    for (const band of crossed) alerted.add(band);
    if (isBack) {
      for (const tally of tallies) if (crossed.includes(tally.band)) tally.backWithinWeek++;
      return;
    }
    total.looks++;
    const isLast = week === weeks - 1;
    if (isLast) total.atRiskMinor += atRiskMinor;
    const outcome = next > end + horizonDays ? "silent" : "bought";
    for (const tally of tallies) {
      if (churn < tally.band) tally.below[outcome]++;
      else if (crossed.includes(tally.band)) {
        tally.alerted[outcome]++;
        tally.alertsByWeek[week] = (tally.alertsByWeek[week] ?? 0) + 1;
        tally.alertedAtRiskMinor += atRiskMinor;
      }
      if (isLast && alerted.has(tally.band)) tally.coveredMinor += atRiskMinor;
    }
  }
}

function applyPurchase(profile: Profile, index: number, day: number, amountMinor: number, model: Model): void {
  // Any time of the day: only the day counts.
  const occurredAt = model.calendar.endOf(day) - 1;
  const record = { ...PURCHASE, eventId: String(index), occurredAt, amountMinor, currency: model.artefact.currency };
  const terms = { referenceAt: null, model, consentDefault: "granted" } as const;
  const outcome = applyEvent(profile, { topic: "purchases", record }, terms);
  assert(outcome === "applied", "a purchase of the file is applied");
}

const PURCHASE: Omit<Purchase, "eventId" | "occurredAt" | "amountMinor" | "currency"> = {
  customerId: "",
  source: null,
  attributes: {},
  kind: "PURCHASE",
  orderId: null,
  marginMinor: null,
  discountMinor: null,
  quantity: null,
  category: null,
  channel: null,
  dueAt: null,
  originalOccurredAt: null,
  acquisitionChannel: null,
  acquisitionCostMinor: null,
};

import { minorDigits, type ModelRef, type Tier } from "@tidemark/contracts";
import { createDiscountSchedule, createPurchaseCurves, type PurchaseCurves } from "@tidemark/models";
import { type AlertTerms, alertTerms } from "./alerts/alert-rules.ts";
import { type Artefact, COMPLAINT_SLA_HOURS, DEFAULT_RENEWALS, modelHash, type Renewals } from "./artefact.ts";
import { costIn, createCostTable } from "./cost-to-serve.ts";
import { createTierCard, type TierCard } from "./tier-card.ts";
import { createDayCalendar, DAY_MS, type DayCalendar } from "./day-calendar.ts";
import { type LifecycleTerms, lifecycleTerms } from "./lifecycle-rules.ts";
import { nameFingerprint } from "./name-table.ts";

const HOUR_MS = 3_600_000;

/** An artefact made ready: what can be computed once is. Pure but for caches. */
export interface Model {
  readonly artefact: Artefact;
  readonly ref: ModelRef;
  readonly hash: string;
  readonly calendar: DayCalendar;
  /** Minor units in a major unit of the base currency. */
  readonly minorPerMajor: number;
  /** The churn horizon in the model's time unit. */
  readonly churnHorizon: number;
  /** Both horizons in whole ms. */
  readonly churnHorizonMs: number;
  readonly valueHorizonMs: number;
  /** ln(1 + discount rate), a year. */
  readonly logDiscountRate: number;
  readonly complaintSlaMs: number;
  readonly renewals: Renewals;
  /** Margin rate by fingerprint of the category; null where categories are not told apart. */
  readonly categoryRates: ReadonlyMap<number, number> | null;
  /** Discounted purchases over the value horizon of a customer who is alive. */
  readonly discountedPurchases: PurchaseCurves;
  /** Ascending. */
  readonly tiers: readonly TierLevel[];
  readonly dwellMs: number;
  /** Gives tiers in their place; null = they go by value. */
  readonly tierCard: TierCard | null;
  readonly lifecycle: LifecycleTerms;
  readonly alerts: AlertTerms;
  /** What an event costs by its kind and channel, thousandths of minor units; 0 where the artefact does not say. */
  readonly costOf: (kind: string, channel: string | null) => number;
}

export interface TierLevel {
  readonly tier: Tier;
  /** Reached at this expected value, whole minor units. */
  readonly fromMinor: number;
  /** Lost below this one. */
  readonly keptFromMinor: number;
}

/** @throws RangeError if Intl does not know the currency or the time zone, or tiers go by a scorecard that is not there */
export function createModel(artefact: Artefact): Model {
  const { timeUnitDays, tiers } = artefact;
  const minorPerMajor = 10 ** minorDigits(artefact.currency);
  const schedule = createDiscountSchedule({
    horizon: artefact.valueHorizonDays / timeUnitDays,
    period: 7 / timeUnitDays,
    year: 365 / timeUnitDays,
    rate: artefact.discountRate,
  });
  const rates = artefact.value?.marginRateByCategory;
  const costs = artefact.costToServe === undefined ? null : createCostTable(artefact.costToServe, minorPerMajor);
  return {
    artefact,
    ref: { name: artefact.name, version: artefact.version },
    hash: modelHash(artefact),
    calendar: createDayCalendar(artefact.timeZone),
    minorPerMajor,
    churnHorizon: artefact.churnHorizonDays / timeUnitDays,
    churnHorizonMs: Math.round(artefact.churnHorizonDays * DAY_MS),
    valueHorizonMs: Math.round(artefact.valueHorizonDays * DAY_MS),
    logDiscountRate: Math.log1p(artefact.discountRate),
    complaintSlaMs: Math.round((artefact.complaintSlaHours ?? COMPLAINT_SLA_HOURS) * HOUR_MS),
    renewals: artefact.renewals ?? DEFAULT_RENEWALS,
    categoryRates:
      rates === undefined
        ? null
        : new Map(Object.entries(rates).map(([category, rate]) => [nameFingerprint(category), rate])),
    discountedPurchases: createPurchaseCurves(artefact.purchases, schedule),
    tiers: tiers.thresholds.map(({ tier, fromMajor }) => {
      const fromMinor = Math.ceil(fromMajor * minorPerMajor);
      return { tier, fromMinor, keptFromMinor: Math.ceil(fromMinor * (1 - tiers.band)) };
    }),
    dwellMs: tiers.dwellDays * DAY_MS,
    tierCard: createTierCard(artefact),
    lifecycle: lifecycleTerms(artefact.lifecycle),
    alerts: alertTerms(artefact.alerts, { knowsCosts: costs !== null, minorPerMajor }),
    costOf: costs === null ? () => 0 : (kind, channel) => costIn(costs, kind, channel),
  };
}

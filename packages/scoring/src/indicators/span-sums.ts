import type { Profile } from "@tidemark/contracts";
import { interactionIndex, ownKinds } from "../apply-interaction.ts";
import { unpackDays } from "../day-list.ts";
import type { Model } from "../model.ts";
import { tradeOf, voiceOf } from "../optional-sums.ts";
import { marginRateOf } from "../relationship.ts";
import { firstDayOf, unpackWeeks, WEEK_SUMS, type WeekEntry, weekOf, type WeekSum } from "../week-list.ts";

/** What a customer did and brought within a span of time. Money in minor units of the base currency. */
export interface SpanSums {
  /** Local days of the span from the customer's first event on, the day of asOf included, at least 1. */
  readonly spanDays: number;
  readonly orders: number;
  readonly purchaseDays: number;
  /** From the first to the last of them; 0 where there is one or none. */
  readonly purchaseSpanDays: number;
  readonly grossMinor: number;
  readonly refundMinor: number;
  /** What events say of margin, and the model's rate on the rest. */
  readonly marginMinor: number;
  /** null: the artefact does not say what events cost. */
  readonly costMinor: number | null;
  readonly visits: number;
  /** Interactions that are the customer's own doing, visits among them. */
  readonly actions: number;
  readonly exposures: number;
  readonly clicks: number;
  readonly serviceUses: number;
  readonly referralsConverted: number;
}

/** Of the whole relationship. */
export function lifetimeSums(profile: Profile, asOf: number, model: Model): SpanSums {
  const count = (index: number): number => profile.interactions[index] ?? 0;
  const { grossMinor, refundMinor, marginMinor, marginOfMinor } = profile;
  return {
    spanDays: Math.max(1, model.calendar.dayOf(asOf) - firstEventDay(profile, model) + 1),
    orders: profile.purchases,
    purchaseDays: profile.purchaseDays,
    purchaseSpanDays: profile.lastDay - profile.firstDay,
    grossMinor,
    refundMinor,
    marginMinor: marginMinor + (grossMinor - refundMinor - marginOfMinor) * marginRateOf(profile, model),
    costMinor: costOf(tradeOf(profile).costMilliMinor, model),
    visits: count(interactionIndex("VISIT")),
    actions: ownKinds().reduce((sum, kind) => sum + count(interactionIndex(kind)), 0),
    exposures: count(interactionIndex("CAMPAIGN_EXPOSURE")),
    clicks: count(interactionIndex("EMAIL_CLICK")),
    serviceUses: count(interactionIndex("SERVICE_USE")),
    referralsConverted: voiceOf(profile).referralsConverted,
  };
}

/** Of whole weeks, from the first on. @param weeksMax how many; what is after them is not counted */
export function weeklySums(
  profile: Profile,
  firstWeek: number,
  weeksMax: number,
  asOf: number,
  model: Model,
): SpanSums {
  const isWithin = (week: number): boolean => week >= firstWeek && week < firstWeek + weeksMax;
  const days = unpackDays(profile.days).filter(({ day }) => isWithin(weekOf(day)));
  const weeks = unpackWeeks(profile.weeks).filter(({ week }) => isWithin(week));
  const sum = (name: WeekSum): number => total(weeks, name);
  const grossMinor = days.reduce((gross, { amountMinor }) => gross + amountMinor, 0);
  const refundMinor = sum("refundMinor");
  const rest = grossMinor - refundMinor - sum("marginOfMinor");
  const first = Math.max(firstDayOf(firstWeek), firstEventDay(profile, model));
  const last = Math.min(firstDayOf(firstWeek + weeksMax) - 1, model.calendar.dayOf(asOf));
  return {
    spanDays: Math.max(1, last - first + 1),
    orders: days.reduce((orders, { count }) => orders + count, 0),
    purchaseDays: days.length,
    purchaseSpanDays: (days.at(-1)?.day ?? 0) - (days[0]?.day ?? 0),
    grossMinor,
    refundMinor,
    marginMinor: sum("marginMinor") + rest * marginRateOf(profile, model),
    costMinor: costOf(sum("costMilliMinor"), model),
    visits: sum("visits"),
    actions: sum("visits") + sum("actions"),
    exposures: sum("exposures"),
    clicks: sum("clicks"),
    serviceUses: sum("serviceUses"),
    referralsConverted: sum("referralsConverted"),
  };
}

/** Local day of the first event. */
export function firstEventDay({ firstEventAt }: Profile, { calendar }: Model): number {
  return calendar.dayOf(firstEventAt);
}

function costOf(milliMinor: number, { artefact }: Model): number | null {
  return artefact.costToServe === undefined ? null : milliMinor / 1000;
}

function total(weeks: readonly WeekEntry[], name: WeekSum): number {
  const index = WEEK_SUMS.indexOf(name);
  return weeks.reduce((sum, { sums }) => sum + (sums[index] ?? 0), 0);
}

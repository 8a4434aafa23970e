import type { Profile } from "@tidemark/contracts";
import { type DayEntry, unpackDays } from "../day-list.ts";
import { interactionIndex, OWN_KINDS } from "../apply-interaction.ts";
import type { Model } from "../model.ts";
import { firstDayOf, yearStart } from "./trailing-year.ts";

/** What a customer did and brought within a span of time. Money in minor units of the base currency; null = not known. */
export interface SpanSums {
  /** Local days from the first that counts to that of asOf, both included, at least 1. */
  readonly spanDays: number;
  readonly orders: number;
  readonly purchaseDays: number;
  /** From the first to the last of them; 0 where there is one or none. */
  readonly purchaseSpanDays: number;
  readonly grossMinor: number;
  readonly refundMinor: number;
  /** What events say of margin, and the model's rate on the rest. */
  readonly marginMinor: number | null;
  readonly visits: number | null;
  /** Interactions that are the customer's own doing, visits among them. */
  readonly actions: number | null;
  readonly exposures: number | null;
  readonly clicks: number | null;
  readonly serviceUses: number | null;
}

/** Of the whole relationship. @returns null if nothing ever came */
export function lifetimeSums(profile: Profile, asOf: number, { artefact, calendar }: Model): SpanSums | null {
  if (profile.lastEventAt === 0) return null;
  const netMinor = profile.grossMinor - profile.refundMinor;
  const count = (index: number): number => profile.interactions[index] ?? 0;
  return {
    spanDays: Math.max(1, calendar.dayOf(asOf) - profile.firstDay + 1),
    orders: profile.purchases,
    purchaseDays: profile.purchaseDays,
    purchaseSpanDays: profile.lastDay - profile.firstDay,
    grossMinor: profile.grossMinor,
    refundMinor: profile.refundMinor,
    marginMinor: profile.marginMinor + (netMinor - profile.marginOfMinor) * artefact.marginRate,
    visits: count(interactionIndex("VISIT")),
    actions: OWN_KINDS.reduce((sum, kind) => sum + count(interactionIndex(kind)), 0),
    exposures: count(interactionIndex("CAMPAIGN_EXPOSURE")),
    clicks: count(interactionIndex("EMAIL_CLICK")),
    serviceUses: count(interactionIndex("SERVICE_USE")),
  };
}

/** Of the trailing year. @returns null if nothing ever came */
export function yearSums(profile: Profile, asOf: number, model: Model): SpanSums | null {
  if (profile.lastEventAt === 0) return null;
  const today = model.calendar.dayOf(asOf);
  const firstDay = firstDayOf(yearStart(asOf, model.calendar));
  const days = unpackDays(profile.days).filter(({ day }) => day >= firstDay);
  const grossMinor = amountOf(days);
  const refundMinor = amountOf(unpackDays(profile.refundDays).filter(({ day }) => day >= firstDay));
  return {
    spanDays: Math.max(1, today - Math.max(firstDay, profile.firstDay) + 1),
    orders: days.reduce((sum, { count }) => sum + count, 0),
    purchaseDays: days.length,
    purchaseSpanDays: (days.at(-1)?.day ?? 0) - (days[0]?.day ?? 0),
    grossMinor,
    refundMinor,
    marginMinor: profile.marginOfMinor === 0 ? (grossMinor - refundMinor) * model.artefact.marginRate : null,
    visits: null,
    actions: null,
    exposures: null,
    clicks: null,
    serviceUses: null,
  };
}

function amountOf(days: readonly DayEntry[]): number {
  return days.reduce((sum, { amountMinor }) => sum + amountMinor, 0);
}

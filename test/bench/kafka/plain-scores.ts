/**
 * The workload's definition computed plainly, for the test of the program that is fast: each score from all events of its customer
 * anew, sums by their closed form. It shares no code with the program.
 */
export type PlainEvent =
  | { readonly kind: "purchase"; readonly at: number; readonly amountMinor: number }
  | { readonly kind: "interaction"; readonly at: number; readonly type: number }
  | { readonly kind: "complaint"; readonly at: number; readonly resolved: boolean };

export interface PlainResult {
  readonly state: Readonly<Record<string, number | readonly number[]>>;
  readonly asOf: number;
  readonly valueMinor: number;
  readonly churnRisk: number;
  readonly tier: number;
  readonly reasons: readonly number[];
}

/** The results after each of a customer's events, in the order in which they are applied. */
export function plainScores(events: readonly PlainEvent[]): PlainResult[] {
  let tier = 0;
  return events.map((_, index) => {
    const result = plainScore(events.slice(0, index + 1), tier);
    tier = result.tier;
    return result;
  });
}

function plainScore(events: readonly PlainEvent[], tierBefore: number): PlainResult {
  const asOf = Math.max(...events.map(({ at }) => at));
  const purchases = events.filter((event) => event.kind === "purchase");
  const interactions = events.filter((event) => event.kind === "interaction");
  const complaints = events.filter((event) => event.kind === "complaint");
  const opened = complaints.filter(({ resolved }) => !resolved);
  const weight = (at: number, halfLifeDays: number): number => 2 ** (-(asOf - at) / (halfLifeDays * DAY));
  const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);

  const days = purchaseDaysOf(purchases.map(({ at }) => Math.floor(at / DAY)));
  const spendMinor = sum(purchases.map(({ amountMinor }) => amountMinor));
  const complaintsOpen = complaints.reduce((open, { resolved }) => (resolved ? Math.max(0, open - 1) : open + 1), 0);
  const spendDecayed = sum(purchases.map(({ at, amountMinor }) => amountMinor * weight(at, 90)));
  const activityDecayed = sum(interactions.map(({ at }) => weight(at, 14)));
  const complaintDecayed = sum(opened.map(({ at }) => weight(at, 30)));

  let silence = 1;
  let value = 0;
  if (days.count > 0) {
    const x = days.count - 1;
    const tx = (days.last - days.first) / 7;
    const T = (Math.floor(asOf / DAY) - days.first) / 7;
    const alive = 1 / (1 + (0.891 / (1.614 + x)) * ((6.183 + T) / (6.183 + tx)) ** (0.525 + x));
    silence = 1 - alive * (1 - ((6.183 + T) / (6.183 + T + 12)) ** (0.525 + x));
    const m = spendMinor / 100 / days.count;
    const mean = (6.25 * (15.44 + days.count * m)) / (6.25 * days.count + 3.74 - 1);
    value = (mean * alive * 12 * (0.525 + x)) / (6.183 + T);
  }
  const clamped = Math.min(1 - 1e-6, Math.max(1e-6, silence));
  const reasons = [
    Math.log(clamped / (1 - clamped)),
    -0.3 * Math.log(1 + activityDecayed),
    0.8 * complaintDecayed,
    complaintsOpen > 0 ? 0.5 : 0,
  ];
  const tier = tierOf(value, tierBefore);
  return {
    state: {
      firstPurchaseDay: days.first,
      lastPurchaseDay: days.last,
      purchaseDays: days.count,
      purchases: purchases.length,
      spendMinor,
      interactions: Array.from({ length: 6 }, (_, type) => interactions.filter((event) => event.type === type).length),
      complaintsOpen,
      complaintsTotal: opened.length,
      spendDecayed,
      activityDecayed,
      complaintDecayed,
      decayedAt: asOf,
      dailySpendMinor: ringOf(events),
      lastDay: Math.floor(asOf / DAY),
      tier,
      version: events.length,
    },
    asOf,
    valueMinor: 100 * value,
    churnRisk: 1 / (1 + Math.exp(-sum(reasons))),
    tier,
    reasons,
  };
}

/** A day counts when it is the first, or lies before or after all that counted. */
function purchaseDaysOf(days: readonly number[]): { first: number; last: number; count: number } {
  const counted = days.filter((day, index) => {
    const before = days.slice(0, index);
    return before.every((earlier) => earlier < day) || before.every((earlier) => earlier > day);
  });
  return counted.length === 0
    ? { first: 0, last: 0, count: 0 }
    : { first: Math.min(...counted), last: Math.max(...counted), count: counted.length };
}

/** Spend of the last 28 days, that of a day at its number modulo 28; what came too late for it is not in it. */
function ringOf(events: readonly PlainEvent[]): readonly number[] {
  const newest = Math.floor(Math.max(...events.map(({ at }) => at)) / DAY);
  const ring = Array.from({ length: 28 }, () => 0);
  for (const event of events) {
    const day = Math.floor(event.at / DAY);
    if (event.kind === "purchase" && newest - day < 28) ring[day % 28] = (ring[day % 28] ?? 0) + event.amountMinor;
  }
  return ring;
}

function tierOf(value: number, before: number): number {
  const reached = [20, 60, 150, 400].filter((threshold) => value >= threshold).length;
  const kept = [18, 54, 135, 360].filter((threshold) => value >= threshold).length;
  return Math.max(reached, Math.min(before, kept));
}

const DAY = 86_400_000;

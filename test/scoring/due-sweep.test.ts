import { emptyProfile, type Profile } from "@tidemark/contracts";
import { applyEvent, createModel, defaultArtefact, judge, nextDue } from "@tidemark/scoring";
import { expect, test } from "vitest";
import { contractLives } from "./contract-lives.ts";
import { DAY_MS, HOUR_MS, shopLives, type Turn } from "./shop-lives.ts";

const IS_LONG = process.env["TIDEMARK_TEST_LONG"] === "1";
const CUSTOMERS = IS_LONG ? 10_000 : 200;
const START = Date.UTC(2025, 0, 1);
const END = START + 730 * DAY_MS;
/** Of a firing that finds nothing, by the events. */
const IDLE_SHARE_MAX = 0.05;
/** Of a customer with a contract, who may do nothing for years: each renewal by itself is looked at. */
const IDLE_A_CONTRACT_MAX = 8;

/** Everything that can be told is: costs make losses, and every hazard counts. */
const model = createModel({
  ...defaultArtefact({ currency: "USD" }),
  costToServe: { VISIT: 0.03, SUPPORT: 6, PURCHASE: 2, COMPLAINT: 5 },
  // Cool-downs so long that things wait for their end.
  alerts: {
    churn: { bands: [0.5, 0.7], hysteresis: 0.05, coolDownDays: 40 },
    lossMaking: { coolDownDays: 60 },
    negativeReview: { below: 0.2, standsDays: 60, coolDownDays: 40 },
    complaintOverdue: { coolDownDays: 20 },
    paymentOverdue: { graceDays: 3, coolDownDays: 7 },
    severity: { mediumMajor: 6, highMajor: 20, criticalMajor: 60 },
  },
});

test(
  `timers find what a look at every hour finds, in the same hour, over two years of ${CUSTOMERS} customers, and of a quarter as many with contracts`,
  { timeout: IS_LONG ? 3_600_000 : 240_000 },
  () => {
    const span = { startAt: START, endAt: END };
    const lives = [
      ...[...shopLives({ seed: 11, customers: CUSTOMERS, ...span })].slice(0, CUSTOMERS),
      ...contractLives({ seed: 12, customers: CUSTOMERS / 4, ...span }),
    ];
    const kinds = new Map<string, number>();
    const shop = { events: 0, idle: 0 };
    const contracts = { events: 0, idle: 0 };
    for (const [customerId, turns] of lives) {
      const byTimer = foundByTimers(customerId, turns);
      expect(byTimer.found, `customer ${customerId}`).toEqual(foundByLooking(customerId, turns));
      const of = customerId.startsWith("contract-") ? contracts : shop;
      of.events += turns.reduce((sum, turn) => sum + turn.events.length, 0);
      of.idle += byTimer.idle;
      for (const line of byTimer.found) {
        const kind = line.split(" ").slice(1, 3).join(" ");
        kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
      }
    }
    for (const { events, idle } of [shop, contracts]) {
      process.stdout.write(`${events} events, ${idle} firings found nothing\n`);
    }
    expect(shop.idle / shop.events).toBeLessThanOrEqual(IDLE_SHARE_MAX);
    expect(contracts.idle / (CUSTOMERS / 4)).toBeLessThanOrEqual(IDLE_A_CONTRACT_MAX);
    for (const kind of EXPECTED) expect([...kinds.keys()]).toContain(kind);
  },
);

/** So that the lives have all of it in them. */
const EXPECTED: readonly string[] = [
  ...["FIRST", "REACHED", "FELL_BELOW", "NO_CUSTOMER"].map((reason) => `tier ${reason}`),
  ...["PROSPECT", "NEW", "ACTIVE", "LOYAL", "SLIPPING", "LOST", "RETURNED"].map((stage) => `stage ${stage}`),
  ...["CHURN", "LOSS_MAKING", "NEGATIVE_REVIEW", "COMPLAINT_OVERDUE", "PAYMENT_OVERDUE"].flatMap((kind) => [
    `RAISED ${kind}`,
    `CLEARED ${kind}`,
  ]),
];

/** Judges every hour, whatever the due time: it is not asked for. */
function foundByLooking(customerId: string, turns: readonly Turn[]): readonly string[] {
  const profile = emptyProfile(customerId);
  const found: string[] = [];
  let next = 0;
  for (let at = turns[0]?.at ?? END; at < END; at += HOUR_MS) {
    const turn = turns[next]?.at === at ? turns[next++] : undefined;
    take(profile, turn?.events ?? [], at, found);
  }
  return found;
}

/** Judges where something happens and when a timer fires: at the first full hour from its due time on, as the other looks at full hours. */
function foundByTimers(
  customerId: string,
  turns: readonly Turn[],
): { readonly found: readonly string[]; readonly idle: number } {
  const profile = emptyProfile(customerId);
  const found: string[] = [];
  let idle = 0;
  let due: number | null = null;
  const fireUntil = (until: number): void => {
    for (;;) {
      const at: number = due === null ? Infinity : Math.ceil(due / HOUR_MS) * HOUR_MS;
      if (at >= until) return;
      const before = found.length;
      take(profile, [], at, found);
      if (found.length === before) idle++;
      due = nextDue(profile, at, model);
    }
  };
  for (const { at, events } of turns) {
    fireUntil(at);
    take(profile, events, at, found);
    due = nextDue(profile, at, model);
  }
  fireUntil(END);
  return { found, idle };
}

/** A turn, as the application does it; what it finds is told with its time. */
function take(profile: Profile, events: Turn["events"], at: number, found: string[]): void {
  for (const event of events) applyEvent(profile, event, { referenceAt: at, model, consentDefault: "granted" });
  const { tier, body, lifecycleChanged, alerts } = judge(profile, at, model);
  if (events.length > 0 || tier !== null || lifecycleChanged || alerts !== null) profile.version++;
  const time = new Date(at).toISOString();
  if (tier !== null) found.push(`${time} tier ${tier.reason} ${tier.from} ${tier.to}`);
  if (lifecycleChanged) found.push(`${time} stage ${body.lifecycle}`);
  for (const { state, kind, band, subject, raisedVersion } of alerts ?? []) {
    found.push(`${time} ${state} ${kind} ${band} ${subject} ${raisedVersion}`);
  }
}

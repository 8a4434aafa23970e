import { type CustomerState, dayOf } from "./customer-state.ts";

/** What is said of a customer as of his newest event. */
export interface Score {
  readonly customerId: string;
  readonly version: number;
  readonly asOf: number;
  readonly valueMinor: number;
  readonly churnRisk: number;
  readonly tier: number;
  /** The terms of churnRisk's logit. */
  readonly reasons: readonly number[];
  readonly producedAt: number;
}

/** Moves the tier, which depends on every event on the way. */
export function moveTier(state: CustomerState): void {
  const value = valueOf(state, aliveOf(state));
  let { tier } = state;
  while (value >= (THRESHOLDS[tier] ?? Number.POSITIVE_INFINITY)) tier++;
  while (tier > 0 && value < BAND * (THRESHOLDS[tier - 1] ?? 0)) tier--;
  state.tier = tier;
}

/** @param producedAt ms since the epoch */
export function scoreOf(customerId: string, state: CustomerState, producedAt: number): Score {
  const { version, decayedAt, tier, activityDecayed, complaintDecayed, complaintsOpen } = state;
  const alive = aliveOf(state);
  const silence = Math.min(1 - CLAMP, Math.max(CLAMP, silenceOf(state, alive)));
  const reasons = [
    Math.log(silence / (1 - silence)),
    -0.3 * Math.log1p(activityDecayed),
    0.8 * complaintDecayed,
    complaintsOpen > 0 ? 0.5 : 0,
  ] as const;
  const churnRisk = 1 / (1 + Math.exp(-(reasons[0] + reasons[1] + reasons[2] + reasons[3])));
  const valueMinor = 100 * valueOf(state, alive);
  return { customerId, version, asOf: decayedAt, valueMinor, churnRisk, tier, reasons, producedAt };
}

/** MBG/NBD: the probability that a customer who has bought is still active. */
function aliveOf(state: CustomerState): number {
  const x = state.purchaseDays - 1;
  if (x < 0) return 0;
  const tx = (state.lastPurchaseDay - state.firstPurchaseDay) / 7;
  return 1 / (1 + (A / (B + x)) * ((ALPHA + weeksOf(state)) / (ALPHA + tx)) ** (R + x));
}

/** The probability of no purchase within the horizon; 1 of a customer who never bought. */
function silenceOf(state: CustomerState, alive: number): number {
  if (state.purchaseDays === 0) return 1;
  const t = weeksOf(state);
  return 1 - alive * (1 - ((ALPHA + t) / (ALPHA + t + HORIZON)) ** (R + state.purchaseDays - 1));
}

/** Spend expected within the horizon, in major units: Gamma-Gamma × MBG/NBD. */
function valueOf(state: CustomerState, alive: number): number {
  const n = state.purchaseDays;
  if (n === 0) return 0;
  const mean = (P * (V + state.spendMinor / 100)) / (P * n + Q - 1);
  return (mean * alive * HORIZON * (R + n - 1)) / (ALPHA + weeksOf(state));
}

/** The customer's age T, in weeks. */
function weeksOf({ decayedAt, firstPurchaseDay }: CustomerState): number {
  return (dayOf(decayedAt) - firstPurchaseDay) / 7;
}

const R = 0.525;
const ALPHA = 6.183;
const A = 0.891;
const B = 1.614;
const P = 6.25;
const Q = 3.74;
const V = 15.44;
/** Weeks. */
const HORIZON = 12;
const CLAMP = 1e-6;
const THRESHOLDS: readonly number[] = [20, 60, 150, 400];
/** A tier is left where the value is below this part of its threshold. */
const BAND = 0.9;

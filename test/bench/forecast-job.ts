import {
  createDiscountSchedule,
  createPurchaseCurves,
  createPurchaseModel,
  gammaGammaMean,
  type GammaGammaParameters,
  type MbgNbdParameters,
  mbgExpectedPurchasesAlive,
  mbgStanding,
} from "@tidemark/models";
import { type CdnowCustomer, cdnowCustomers } from "./cdnow-file.ts";
import { quantilesOf } from "./quantiles.ts";
import { timed } from "./timing.ts";

export interface ForecastInput {
  readonly mbg: MbgNbdParameters;
  readonly gammaGamma: GammaGammaParameters;
  readonly silenceWeeks: number;
  readonly horizonWeeks: number;
  /** Of a year. */
  readonly discountRate: number;
  readonly seconds: number;
}

/** A way to a customer's lifetime value: µs, and the largest relative error against the weekly sum. */
export interface ValueForecast {
  readonly us: number;
  readonly errorMax: number;
}

export interface ForecastResult {
  readonly customers: number;
  /** P(alive), silence and expected purchases together, µs a customer. */
  readonly standingUs: number;
  /** By the quadrature of a discount schedule. */
  readonly value: ValueForecast;
  /** By the curves that scoring keeps for its model. */
  readonly valueByCurves: ValueForecast;
  /** By the sum itself. */
  readonly sumUs: number;
  /** The sum's, dollars, a figure a customer. */
  readonly values: readonly number[];
}

/** What one customer costs, over and over for all of CDNOW's sample. */
export function forecastJob(input: ForecastInput): Promise<ForecastResult> {
  const { mbg, gammaGamma, silenceWeeks, horizonWeeks, discountRate, seconds } = input;
  const customers = cdnowCustomers("sample") ?? [];
  const model = createPurchaseModel({ model: "MBG/NBD", parameters: mbg });
  const schedule = createDiscountSchedule({ horizon: horizonWeeks, period: 1, year: 365 / 7, rate: discountRate });
  const curves = createPurchaseCurves(mbg, schedule);

  const standing = ({ x, tx, T }: CdnowCustomer): number => {
    const { alive, silence } = mbgStanding(mbg, x, tx, T, silenceWeeks);
    return alive + silence + alive * mbgExpectedPurchasesAlive(mbg, x, T, horizonWeeks);
  };
  const spend = ({ x, m }: CdnowCustomer): number => gammaGammaMean(gammaGamma, x, x * m);
  const value = (one: CdnowCustomer): number => model.discountedPurchases(one.x, one.tx, one.T, schedule) * spend(one);
  const valueByCurves = (one: CdnowCustomer): number =>
    model.alive(one.x, one.tx, one.T) * curves(one.x, one.T) * spend(one);
  const weekly = { ...schedule.periods, periods: schedule.periods };
  const sum = (one: CdnowCustomer): number => model.discountedPurchases(one.x, one.tx, one.T, weekly) * spend(one);

  const values = customers.map(sum);
  const errorMax = (of: (customer: CdnowCustomer) => number): number =>
    customers.reduce((most, one, i) => Math.max(most, Math.abs(of(one) / (values[i] ?? Number.NaN) - 1)), 0);
  const us = (of: (customer: CdnowCustomer) => number): number => usEach(customers, of, seconds);
  return Promise.resolve({
    customers: customers.length,
    standingUs: us(standing),
    value: { us: us(value), errorMax: errorMax(value) },
    valueByCurves: { us: us(valueByCurves), errorMax: errorMax(valueByCurves) },
    sumUs: us(sum),
    values,
  });
}

/** Median of the rounds over all customers, after as many seconds in which it is compiled. */
function usEach(customers: readonly CdnowCustomer[], of: (customer: CdnowCustomer) => number, seconds: number): number {
  const rounds: number[] = [];
  let total = 0;
  const startedAt = performance.now();
  for (let elapsedMs = 0; elapsedMs < 2_000 * seconds; elapsedMs = performance.now() - startedAt) {
    const { wallMs } = timed(() => {
      for (const one of customers) total += of(one);
    });
    if (elapsedMs >= 1_000 * seconds) rounds.push(wallMs);
  }
  // A result that nobody looks at need not be computed.
  if (!Number.isFinite(total)) throw new Error("a forecast is not finite");
  return (1_000 * quantilesOf(rounds).p50) / customers.length;
}

import { describe, expect, test } from "vitest";
import { CALIBRATION_DAY, cdnowMaster, cdnowSample, LAST_DAY, masterIsHere } from "../fixtures/cdnow.ts";
import { type CustomerSummary, summariseCustomers, summariseHoldOut, type Transaction } from "./customer-summary.ts";
import { fitGammaGamma } from "./fit-gamma-gamma.ts";
import { fitPurchaseModel } from "./fit-purchase-model.ts";
import { fitSbg } from "./fit-sbg.ts";
import { areaUnderCurve } from "./metrics/auc.ts";
import { brierScore } from "./metrics/brier.ts";
import { expectedCalibrationError } from "./metrics/calibration-curve.ts";
import { topValueShare } from "./metrics/gain.ts";
import { meanAbsoluteError, pearsonCorrelation } from "./metrics/point-errors.ts";
import { gammaGammaMean } from "./gamma-gamma.ts";
import { createPurchaseModel, type PurchaseModel } from "./purchase-model.ts";
import type { PurchaseModelName, PurchaseModelSpec } from "./purchase-model-parameters.ts";
import { sbgSurvival } from "./sbg.ts";

/** Weeks. Fader, Hardie & Lee 2005 (BG, Pareto, Gamma-Gamma); Batislam et al. 2007, Hoppe & Wagner 2007 (MBG). */
const BG: PurchaseModelSpec = {
  model: "BG/NBD",
  parameters: { r: 0.2425945, alpha: 4.4136019, a: 0.7929199, b: 2.4258881 },
};
const MBG: PurchaseModelSpec = {
  model: "MBG/NBD",
  parameters: { r: 0.5248432, alpha: 6.1830863, a: 0.8913592, b: 1.6140018 },
};
const PARETO: PurchaseModelSpec = {
  model: "Pareto/NBD",
  parameters: { r: 0.55315, alpha: 10.57633, s: 0.60625, beta: 11.6715 },
};
const WEEKS = { calibrationDay: CALIBRATION_DAY, unitDays: 7 };

const sample = load(cdnowSample());

test("the sample has 2,357 customers, of whom 946 bought again", () => {
  expect(sample.customers.length).toBe(2357);
  expect(sample.customers.filter(({ x }) => x > 0).length).toBe(946);
});

test.each([
  { ...BG, logLikelihood: -9582.429 },
  { ...MBG, logLikelihood: -9582.1357 },
  { ...PARETO, logLikelihood: -9594.976 },
])(
  "$model fitted to the sample: the published parameters within 2e-3, and ln L $logLikelihood within 0.005",
  (published) => {
    const fit = fitPurchaseModel(published.model, sample.customers);
    expectParameters(fit.parameters, published.parameters);
    expect(Math.abs(fit.logLikelihood - published.logLikelihood)).toBeLessThan(0.005);
    expect(fit).toMatchObject({ model: published.model, customers: 2357, converged: true, warnings: [] });
    const model = createPurchaseModel(fit);
    const total = sample.customers.reduce((sum, { x, tx, T }) => sum + model.logLikelihood(x, tx, T), 0);
    expect(Math.abs(total - fit.logLikelihood)).toBeLessThan(1e-6);
  },
);

test.each(["BG/CNBD-k", "MBG/CNBD-k"] as const)(
  "%s finds no regularity in the sample: k = 1, and (M)BG's fit",
  (model) => {
    const fit = fitPurchaseModel(model, sample.customers);
    const plain = model === "BG/CNBD-k" ? BG : MBG;
    expectParameters(fit.parameters, { k: 1, ...plain.parameters });
  },
);

test("Gamma-Gamma fitted to the sample's repeat buyers: p, q, v within 2e-3, ln L within 0.005", () => {
  const fit = fitGammaGamma(
    sample.customers.map(({ x, repeatSpend }) => ({ x, m: x === 0 ? 0 : repeatSpend / 100 / x })),
  );
  expectParameters(fit.parameters, { p: 6.24957, q: 3.74422, v: 15.44353 });
  expect(Math.abs(fit.logLikelihood - -4055.9177)).toBeLessThan(0.005);
  expect(fit).toMatchObject({ customers: 946, converged: true, warnings: [] });
});

// Fader & Hardie 2007, table 1: seven years of a thousand customers each; table 2 and the text.
test.each([
  ["high end", [131, 126, 90, 60, 42, 34, 26], 491, 0.668, 3.806, -1611.2, 0.394],
  ["regular", [369, 163, 86, 56, 37, 27, 21], 241, 0.704, 1.182, -1680.3, 0.173],
] as const)("sBG fitted to the %s customers", (_name, lost, kept, alpha, beta, logLikelihood, twelfthYear) => {
  const fit = fitSbg([{ lost, kept }]);
  expectParameters(fit.parameters, { alpha, beta });
  expect(Math.abs(fit.logLikelihood - logLikelihood)).toBeLessThan(0.06);
  // Five years past what it was fitted to.
  expect(Math.abs(sbgSurvival(fit.parameters, 12) - twelfthYear)).toBeLessThan(0.02);
});

describe("point checks, within 1e-4", () => {
  const bg = createPurchaseModel(BG);
  const pareto = createPurchaseModel(PARETO);

  test("x 2, tx 30.43, T 38.86", () => {
    expectNear(bg.expectedPurchases(2, 30.43, 38.86, 39), 1.22591);
    expectNear(bg.alive(2, 30.43, 38.86), 0.7266);
  });

  test("x 26, tx 30.857, T 31, 52 weeks", () => {
    expectNear(bg.expectedPurchases(26, 30.857, 31, 52), 25.7573);
    expectNear(bg.alive(26, 30.857, 31), 0.96885);
    expectNear(pareto.expectedPurchases(26, 30.857, 31, 52), 25.4565);
    expectNear(pareto.alive(26, 30.857, 31), 0.997874);
  });

  test("a new customer's year, and none in 39 weeks", () => {
    expectNear(bg.expectedPurchasesNew(52), 1.444);
    expectNear(pareto.expectedPurchasesNew(52), 1.47343);
    expectNear(bg.massNew(39, 0), 0.57431);
    const rounded = createPurchaseModel({
      model: "BG/NBD",
      parameters: { r: 0.243, alpha: 4.414, a: 0.793, b: 2.426 },
    });
    expectNear(rounded.massNew(39, 0), 0.57379);
  });

  test("where the published form of the Pareto/NBD underflows", () => {
    const model = createPurchaseModel({
      model: "Pareto/NBD",
      parameters: { r: 0.55, alpha: 10.58, s: 0.61, beta: 11.67 },
    });
    expectNear(model.expectedPurchases(132, 200, 200, 10), 6.20605);
    expectNear(model.expectedPurchases(133, 200, 200, 10), 6.25287);
  });

  test("DERT of BTYD's example", () => {
    const model = createPurchaseModel({
      model: "Pareto/NBD",
      parameters: { r: 0.5629966, alpha: 12.559037, s: 0.4081095, beta: 10.5148048 },
    });
    expectNear(model.residualPurchases(7, 35, 77.86, 0.0027), 1.8642);
  });
});

// MAE and r of expected against actual purchase days; AUC, Brier and ECE of the silence.
test.each([
  ["BG/NBD", 0.7855, 0.6256, 0.7569, 0.1612, 0.054],
  ["MBG/NBD", 0.7648, 0.6273, 0.7601, 0.1614, 0.055],
  ["Pareto/NBD", 0.7545, 0.6302, 0.7712, 0.1619, 0.068],
] as HoldOutRow[])(
  "%s's 39 weeks of hold-out on the sample: MAE %d, r %d, AUC %d, Brier %d, ECE %d within 0.001",
  (name, ...figures) => {
    expectHoldOut(sample, name, figures);
  },
);

test("mean hold-out purchases by calibration x, seven and more together", () => {
  const groups = Array.from({ length: 8 }, () => ({ customers: 0, days: 0 }));
  for (const { x, days } of sample.customers) {
    const group = groups[Math.min(x, 7)];
    if (group === undefined) continue;
    group.customers++;
    group.days += days;
  }
  const actual = [0.237, 0.697, 1.393, 1.56, 2.532, 2.947, 3.862, 6.359];
  for (const [i, { customers, days }] of groups.entries()) {
    expect(Math.abs(days / customers - (actual[i] ?? NaN))).toBeLessThan(0.001);
  }
});

test("29.0 % of the sample buy in the hold-out, and its top decile by BG × Gamma-Gamma holds 50.2 % of the revenue", () => {
  const { customers } = sample;
  expect(customers.filter(({ days }) => days > 0).length / customers.length).toBeCloseTo(0.29, 3);
  const model = createPurchaseModel(BG);
  const spend = { p: 6.24957, q: 3.74422, v: 15.44353 };
  const value = customers.map(
    ({ x, tx, T, repeatSpend }) => model.expectedPurchases(x, tx, T, 39) * gammaGammaMean(spend, x, repeatSpend / 100),
  );
  const share = topValueShare(
    customers.map(({ revenue }) => revenue),
    value,
    0.1,
  );
  expect(Math.abs(share - 0.502)).toBeLessThan(0.001);
});

describe.skipIf(!masterIsHere)("on the master file of 23,570 customers (needs shared/data/cdnow-master.txt.gz)", () => {
  const master = masterIsHere ? load(cdnowMaster()) : { customers: [] };

  test.each([
    ["BG/NBD", -95368.44],
    ["MBG/NBD", -95336.96],
    ["Pareto/NBD", -95415.12],
  ] as const)("%s fitted: ln L %d within 0.005", (name, logLikelihood) => {
    const fit = fitPurchaseModel(name, master.customers);
    expect(fit).toMatchObject({ customers: 23_570, converged: true, warnings: [] });
    expect(Math.abs(fit.logLikelihood - logLikelihood)).toBeLessThan(0.0051);
  });

  test.each([
    ["BG/NBD", 0.8187, 0.6688, 0.7466, 0.1654, 0.048],
    ["MBG/NBD", 0.7945, 0.6696, 0.7547, 0.1661, 0.062],
    ["Pareto/NBD", 0.7938, 0.6708, 0.7627, 0.1656, 0.07],
  ] as HoldOutRow[])("%s's hold-out: MAE %d, r %d, AUC %d, Brier %d, ECE %d within 0.001", (name, ...figures) => {
    expectHoldOut(master, name, figures);
  });
});

type HoldOutRow = [PurchaseModelName, ...figures: number[]];

interface Base {
  readonly customers: readonly (CustomerSummary & { readonly days: number; readonly revenue: number })[];
}

function load(transactions: readonly Transaction[]): Base {
  const holdOut = summariseHoldOut(transactions, CALIBRATION_DAY, LAST_DAY);
  const customers = summariseCustomers(transactions, WEEKS).map((customer) => {
    const { days = 0, spend = 0 } = holdOut.get(customer.id) ?? {};
    return { ...customer, days, revenue: spend };
  });
  return { customers };
}

function expectHoldOut({ customers }: Base, name: PurchaseModelName, figures: readonly number[]): void {
  const model: PurchaseModel = createPurchaseModel(fitPurchaseModel(name, customers));
  const weeks = (LAST_DAY - CALIBRATION_DAY) / 7;
  const days = customers.map((customer) => customer.days);
  const expected = customers.map(({ x, tx, T }) => model.expectedPurchases(x, tx, T, weeks));
  const silent = days.map((count) => (count === 0 ? 1 : 0));
  const silence = customers.map(({ x, tx, T }) => model.silence(x, tx, T, weeks));
  const [mae = NaN, r = NaN, auc = NaN, brier = NaN, ece = NaN] = figures;
  expect(Math.abs(meanAbsoluteError(days, expected) - mae)).toBeLessThan(0.001);
  expect(Math.abs(pearsonCorrelation(days, expected) - r)).toBeLessThan(0.001);
  expect(Math.abs(areaUnderCurve(silent, silence) - auc)).toBeLessThan(0.001);
  expect(Math.abs(brierScore(silent, silence) - brier)).toBeLessThan(0.001);
  expect(Math.abs(expectedCalibrationError(silent, silence) - ece)).toBeLessThan(0.001);
}

function expectParameters(actual: object, published: object): void {
  const given = new Map<string, unknown>(Object.entries(actual));
  for (const [name, value] of Object.entries(published) as [string, number][]) {
    expect(Math.abs(Number(given.get(name)) / value - 1)).toBeLessThan(2e-3);
  }
}

function expectNear(actual: number, expected: number): void {
  expect(Math.abs(actual / expected - 1)).toBeLessThan(1e-4);
}

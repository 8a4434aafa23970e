import { describe, expect, test } from "vitest";
import { betaGeometricLikelihood } from "./beta-geometric-likelihood.ts";
import { InvalidInput, type InvalidInputCode, Unfittable, type UnfittableCode } from "./errors.ts";
import { fitGammaGamma } from "./fit-gamma-gamma.ts";
import { fitPurchaseModel } from "./fit-purchase-model.ts";
import { fitSbg } from "./fit-sbg.ts";
import { gammaGammaMean } from "./gamma-gamma.ts";
import type { Objective } from "./maximise.ts";
import { paretoLikelihood } from "./pareto-likelihood.ts";
import { groupHistories, type PurchaseHistory } from "./purchase-histories.ts";
import { createPurchaseModel } from "./purchase-model.ts";
import type { PurchaseModelSpec } from "./purchase-model-parameters.ts";
import { historyOf, seededRandom, simulatedPurchases, simulatedSpend } from "./simulated-customers.ts";

const MBG: PurchaseModelSpec = { model: "MBG/NBD", parameters: { r: 0.8, alpha: 8, a: 0.8, b: 2.5 } };
const NAMES = ["BG/NBD", "MBG/NBD", "Pareto/NBD", "BG/CNBD-k", "MBG/CNBD-k"] as const;
const histories = drawn(MBG, 400, 7);

describe("the likelihood over groups", () => {
  const data = groupHistories(histories);
  const at = [0.1, 1.7, -0.2, 0.6];
  const likelihoods: [string, Objective, PurchaseModelSpec][] = [1, 3].flatMap((k) =>
    ([0, 1] as const).map((chances): [string, Objective, PurchaseModelSpec] => {
      const model = chances === 0 ? "BG/CNBD-k" : "MBG/CNBD-k";
      const [r = 0, alpha = 0, a = 0, b = 0] = at.map(Math.exp);
      return [
        `${model}, k = ${k}`,
        betaGeometricLikelihood(data, k, chances),
        { model, parameters: { k, r, alpha, a, b } },
      ];
    }),
  );
  const [r = 0, alpha = 0, s = 0, beta = 0] = at.map(Math.exp);
  likelihoods.push(["Pareto/NBD", paretoLikelihood(data), { model: "Pareto/NBD", parameters: { r, alpha, s, beta } }]);

  test.each(likelihoods)("%s: is the sum over the customers", (_, objective, spec) => {
    const model = createPurchaseModel(spec);
    const total = histories.reduce((sum, { x, tx, T, logGaps }) => sum + model.logLikelihood(x, tx, T, logGaps), 0);
    expect(Math.abs(objective(Float64Array.from(at), new Float64Array(4)) / total - 1)).toBeLessThan(1e-12);
  });

  test.each(likelihoods)("%s: its gradient is that of differences", (_, objective) => {
    const gradient = new Float64Array(4);
    objective(Float64Array.from(at), gradient);
    const rest = new Float64Array(4);
    for (let i = 0; i < 4; i++) {
      const moved = (by: number): number =>
        objective(
          Float64Array.from(at, (value, j) => (i === j ? value + by : value)),
          rest,
        );
      // Fourth-order differences: error ~h⁴, and rounding ~1e-13·|ln L|/h.
      const slope = (8 * (moved(1e-3) - moved(-1e-3)) - (moved(2e-3) - moved(-2e-3))) / 12e-3;
      expect(Math.abs(slope - (gradient[i] ?? NaN))).toBeLessThan(1e-6 * (1 + Math.abs(slope)));
    }
  });
});

test.each(NAMES)("%s: grouping does not change the fit, nor does the order", (name) => {
  const rounded = histories.map(({ x, tx, T, logGaps = 0 }) => ({ x, tx: Math.ceil(tx), T, logGaps }));
  const counted = new Map<string, Required<PurchaseHistory>>();
  for (const history of rounded) {
    const key = `${history.x} ${history.tx} ${history.T}`;
    const known = counted.get(key) ?? { ...history, logGaps: 0, count: 0 };
    counted.set(key, { ...known, logGaps: known.logGaps + history.logGaps, count: known.count + 1 });
  }
  expect(counted.size).toBeLessThan(histories.length);
  const each = fitPurchaseModel(name, rounded);
  const grouped = fitPurchaseModel(name, [...counted.values()].reverse());
  expect(grouped.customers).toBe(each.customers);
  expect(Math.abs(grouped.logLikelihood - each.logLikelihood)).toBeLessThan(1e-6);
  const { parameters } = grouped;
  for (const [parameter, value] of Object.entries(each.parameters)) {
    expect(Math.abs(Number(new Map(Object.entries(parameters)).get(parameter)) / value - 1)).toBeLessThan(1e-4);
  }
});

test("counts of equal histories add up", () => {
  const data = groupHistories([
    { x: 1, tx: 2, T: 5, count: 3, logGaps: 1 },
    { x: 0, tx: 0, T: 5, count: 9 },
    { x: 1, tx: 2, T: 5, count: 4, logGaps: 2 },
    { x: 2, tx: 2, T: 5, count: 0, logGaps: 9 },
  ]);
  expect([...data.counts]).toEqual([7, 9]);
  expect([...data.xCounts]).toEqual([7, 9]);
  expect(data).toMatchObject({ customers: 16, purchases: 7, time: 80, logGaps: 3 });
});

test("a fit is the same each time, and of another time unit the same but for the scale", () => {
  const fit = fitPurchaseModel("MBG/NBD", histories);
  expect(fitPurchaseModel("MBG/NBD", histories)).toEqual(fit);
  const days = fitPurchaseModel(
    "MBG/NBD",
    histories.map(({ x, tx, T }) => ({ x, tx: 7 * tx, T: 7 * T })),
  );
  if (fit.model !== "MBG/NBD" || days.model !== "MBG/NBD") throw new Error("another model");
  expect(days.parameters.alpha / fit.parameters.alpha).toBeCloseTo(7, 4);
  expect(days.parameters.r / fit.parameters.r).toBeCloseTo(1, 5);
  expect((days.standardErrors["alpha"] ?? NaN) / (fit.standardErrors["alpha"] ?? NaN)).toBeCloseTo(7, 3);
  expect((days.logStandardErrors["alpha"] ?? NaN) / (fit.logStandardErrors["alpha"] ?? NaN)).toBeCloseTo(1, 4);
});

test("regularity is found: k by maximum likelihood, and a given one is kept", () => {
  const regular = drawn({ model: "MBG/CNBD-k", parameters: { k: 3, r: 2, alpha: 3, a: 0.8, b: 4 } }, 800, 3);
  const fit = fitPurchaseModel("MBG/CNBD-k", regular);
  expect(fit.parameters).toMatchObject({ k: 3 });
  const given = fitPurchaseModel("MBG/CNBD-k", regular, { k: 2 });
  expect(given.parameters).toMatchObject({ k: 2 });
  expect(given.logLikelihood).toBeLessThan(fit.logLikelihood);
  expect(() => fitPurchaseModel("MBG/CNBD-k", regular, { k: 13 })).toThrow(RangeError);
});

test.each(["BG/NBD", "MBG/NBD", "Pareto/NBD", "MBG/CNBD-k"] as const)("%s on regular buyers converges", (name) => {
  // ln L is so large, and the sum of so many terms, that near its top no step is seen to gain.
  const spec: PurchaseModelSpec = { model: "MBG/CNBD-k", parameters: { k: 4, r: 3, alpha: 0.8, a: 0.5, b: 40 } };
  const fit = fitPurchaseModel(name, drawn(spec, 3000, 4, 60));
  expect(fit.warnings).toEqual([]);
  expect(fit.converged).toBe(true);
});

test("buyers who are all alike are fitted as far as they can be: r and alpha run off together", () => {
  const random = seededRandom(12);
  const data = Array.from({ length: 400 }, () => {
    const count = Math.floor(-Math.log(1 - random()) * 8);
    const times = Array.from({ length: count }, (__, n) => 4.3 * (n + 1) + random() / 7);
    return historyOf(times, Math.max(70, times.at(-1) ?? 0));
  });
  for (const name of ["MBG/NBD", "Pareto/NBD"] as const) {
    let steps = 0;
    const { warnings, standardErrors } = fitPurchaseModel(name, data, { onStep: () => steps++ });
    expect(warnings.find(({ code }) => code === "NOT_IDENTIFIED")?.message).toMatch(/^r and alpha run off together/);
    expect(standardErrors["r"]).toBeNaN();
    // A search that goes on without gaining is given up.
    expect(steps).toBeLessThan(1500);
  }
});

test("a clock's customers have more regularity than is tried, and the fit says so", () => {
  const clocks = Array.from({ length: 300 }, (_, i) => {
    const times = Array.from({ length: 1 + (i % 7) }, (__, n) => (n + 1) * (1 + (i % 5)));
    return historyOf(times, (times.at(-1) ?? 0) + 0.5);
  });
  const fit = fitPurchaseModel("BG/CNBD-k", clocks);
  expect(fit.parameters).toMatchObject({ k: 12 });
  expect(fit.warnings.map(({ code }) => code)).toContain("REGULARITY_AT_MAX");
});

test.each([6000, 12_000])(
  "spend of %i buyers: the rounding of so long a sum does not keep a fit from its top",
  (buyers) => {
    const random = seededRandom(buyers);
    const truth = { p: 5, q: 4, v: 21 };
    const spenders = Array.from({ length: buyers }, (_, i) => {
      return { x: 1 + (i % 9), m: simulatedSpend(truth, 1 + (i % 9), random).m };
    });
    expect(fitGammaGamma(spenders)).toMatchObject({ converged: true, warnings: [] });
  },
);

describe("what cannot be fitted is refused, with its reason", () => {
  const good = { x: 2, tx: 3, T: 5 };
  const among = (...more: readonly PurchaseHistory[]): readonly PurchaseHistory[] => [
    ...Array.from({ length: 20 }, () => good),
    ...more,
  ];

  test.each<[Code, readonly PurchaseHistory[]]>([
    ["TOO_FEW_CUSTOMERS", [good, good]],
    ["TOO_FEW_CUSTOMERS", []],
    ["NOT_FINITE", among({ ...good, T: NaN })],
    ["NOT_FINITE", among({ ...good, T: Infinity })],
    ["NOT_FINITE", among({ ...good, logGaps: -Infinity })],
    ["HISTORY_OUT_OF_DOMAIN", among({ x: 1, tx: 6, T: 5 })],
    ["HISTORY_OUT_OF_DOMAIN", among({ x: 0, tx: 1, T: 5 })],
    ["HISTORY_OUT_OF_DOMAIN", among({ x: 0.5, tx: 1, T: 5 })],
    ["HISTORY_OUT_OF_DOMAIN", among({ ...good, count: -1 })],
    ["NO_REPEAT_PURCHASES", [{ x: 0, tx: 0, T: 5, count: 50 }]],
    [
      "RECENCY_ALL_ZERO",
      [
        { x: 1, tx: 0, T: 5, count: 50 },
        { x: 0, tx: 0, T: 4, count: 50 },
      ],
    ],
  ])("%s", (code, data) => {
    for (const name of NAMES) expectRefusal(code, () => fitPurchaseModel(name, data));
  });

  test("spend", () => {
    const spenders = Array.from({ length: 20 }, (_, i) => ({ x: 1 + (i % 3), m: 10 + i }));
    expectRefusal("NO_REPEAT_PURCHASES", () => fitGammaGamma(spenders.map(() => ({ x: 0, m: 0 }))));
    expectRefusal("NO_SPEND", () => fitGammaGamma(spenders.map(({ x }) => ({ x, m: 0 }))));
    expectRefusal("TOO_FEW_CUSTOMERS", () => fitGammaGamma(spenders.slice(0, 3)));
    expectRefusal("NOT_FINITE", () => fitGammaGamma([...spenders, { x: 1, m: NaN }]));
    expectRefusal("HISTORY_OUT_OF_DOMAIN", () => fitGammaGamma([...spenders, { x: 1.5, m: 1 }]));
  });

  test("contracts", () => {
    expectRefusal("NOBODY_LEFT", () => fitSbg([{ lost: [0, 0], kept: 100 }]));
    expectRefusal("TOO_FEW_CUSTOMERS", () => fitSbg([{ lost: [1], kept: 1 }]));
    expectRefusal("NEGATIVE", () => fitSbg([{ lost: [-1], kept: 100 }]));
    expectRefusal("NOT_FINITE", () => fitSbg([{ lost: [1], kept: NaN }]));
  });
});

describe("what is not identified is said", () => {
  test("Pareto/NBD on customers who all leave at one rate: s and beta run off together", () => {
    const random = seededRandom(5);
    const data = Array.from({ length: 1500 }, () => {
      // A lifetime of one rate for all is the limit of s, β → ∞.
      const spec: PurchaseModelSpec = { model: "Pareto/NBD", parameters: { r: 1, alpha: 4, s: 1e6, beta: 2e7 } };
      return historyOf(simulatedPurchases(spec, 40, random), 40);
    });
    const { warnings } = fitPurchaseModel("Pareto/NBD", data);
    const said = warnings.find(({ code }) => code === "NOT_IDENTIFIED");
    expect(said?.message).toMatch(/^s and beta run off together/);
  });

  test.each(["BG/NBD", "MBG/NBD"] as const)("%s on customers who all leave with one probability: a and b", (model) => {
    const data = drawn({ model, parameters: { r: 1, alpha: 4, a: 2e5, b: 8e5 } }, 1500, 6);
    const said = fitPurchaseModel(model, data).warnings.find(({ code }) => code === "NOT_IDENTIFIED");
    expect(said?.message).toMatch(/^a and b run off together/);
  });

  test("Gamma-Gamma on customers who all spend alike: q and v", () => {
    const random = seededRandom(9);
    const data = Array.from({ length: 3000 }, (_, i) =>
      simulatedSpend({ p: 6, q: 1e7, v: 2.5e7 }, 1 + (i % 6), random),
    );
    const fit = fitGammaGamma(data);
    expect(fit.converged).toBe(true);
    expect(fit.warnings.map(({ code }) => code)).toEqual(["NOT_IDENTIFIED"]);
    expect(fit.warnings[0]?.message).toMatch(/^q and v run off together/);
    expect(gammaGammaMean(fit.parameters, 0, 0)).toBeCloseTo(15, 0);
  });

  test("few customers", () => {
    expect(fitPurchaseModel("MBG/NBD", histories.slice(0, 150)).warnings.map(({ code }) => code)).toContain(
      "FEW_CUSTOMERS",
    );
  });

  test("spend that goes with frequency, purchases without spend, and a mean that does not exist", () => {
    const random = seededRandom(8);
    const spend = Array.from({ length: 500 }, (_, i) => simulatedSpend({ p: 4, q: 0.8, v: 20 }, 1 + (i % 6), random));
    const codes = (data: readonly { x: number; m: number }[]): readonly string[] =>
      fitGammaGamma(data).warnings.map(({ code }) => code);
    expect(codes(spend)).toEqual(["MEAN_SPEND_INFINITE"]);
    expect(codes([...spend, { x: 2, m: 0 }])).toContain("NO_SPEND_LEFT_OUT");
    const rising = Array.from({ length: 500 }, (_, i) => ({ x: 1 + (i % 6), m: (1 + (i % 6)) * (10 + (i % 7)) }));
    expect(codes(rising)).toContain("SPEND_DEPENDS_ON_FREQUENCY");
  });
});

function drawn(spec: PurchaseModelSpec, customers: number, seed: number, age = 20): readonly PurchaseHistory[] {
  const random = seededRandom(seed);
  return Array.from({ length: customers }, () => {
    const T = age + Math.floor(random() * 20);
    return historyOf(simulatedPurchases(spec, T, random), T);
  });
}

type Code = UnfittableCode | InvalidInputCode;

/** A mistake of the call is no luck of the data: the two are told apart by their class. */
const OF_THE_CALL: ReadonlySet<Code> = new Set<Code>([
  "NOT_FINITE",
  "NEGATIVE",
  "HISTORY_OUT_OF_DOMAIN",
  "RECENCY_ALL_ZERO",
]);

function expectRefusal(code: Code, fit: () => unknown): void {
  let error: unknown;
  try {
    fit();
  } catch (caught) {
    error = caught;
  }
  expect(error).toBeInstanceOf(OF_THE_CALL.has(code) ? InvalidInput : Unfittable);
  expect(error).toMatchObject({ code });
}

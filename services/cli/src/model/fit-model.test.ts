import { type CustomerSummary, historyOf, seededRandom, simulatedPurchases, simulatedSpend } from "@tidemark/models";
import { createModel, defaultArtefact } from "@tidemark/scoring";
import { expect, test } from "vitest";
import { fitModel, type ModelFit, REPEAT_BUYERS_MIN } from "./fit-model.ts";

const model = createModel(defaultArtefact({ currency: "EUR" }));
const { purchases: purchasesBefore, spend: spendBefore } = model.artefact;
const random = seededRandom(17);
const PURCHASES = { r: 0.9, alpha: 6, a: 0.8, b: 2.2 };
const SPEND = { p: 5, q: 4, v: 21 };
const population = Array.from({ length: 6000 }, (_, index) => {
  const T = 30 + (index % 20);
  const history = historyOf(simulatedPurchases({ model: "MBG/NBD", parameters: PURCHASES }, T, random), T);
  return customer(history, history.x === 0 ? 0 : simulatedSpend(SPEND, history.x, random).m);
});

test("both parts are fitted where the data determine them, spend in major units", () => {
  const { artefact, notes } = fit(population);
  expect(artefact).toMatchObject({ name: "fitted", fitted: true, currency: "EUR" });
  const found = new Map<string, number>(Object.entries({ ...artefact.purchases, ...artefact.spend }));
  for (const [name, value] of Object.entries({ ...PURCHASES, ...SPEND })) {
    expect(Math.abs(Math.log((found.get(name) ?? NaN) / value))).toBeLessThan(0.4);
  }
  expect(notes).toHaveLength(1);
  expect(notes[0]).toMatch(
    /^fitted MBG\/NBD and Gamma-Gamma to [\d,]+ repeat buyers of 6,000 customers: r \d.*, α \d.*, a \d.*, b \d.*; p \d.*, q \d.*, v \d/u,
  );
});

test("a sample says what it is", () => {
  expect(fitModel({ customers: population, every: 32 }, model).notes[0]).toContain(
    " of 6,000 customers (every 32nd of the file, by a hash of the id): r ",
  );
});

test("500 repeat buyers are needed", () => {
  const buyers = population.filter(({ x }) => x > 0);
  const others = population.filter(({ x }) => x === 0);
  expect(fit([...buyers.slice(0, REPEAT_BUYERS_MIN), ...others.slice(0, 500)]).artefact.fitted).toBe(true);
  const { artefact, notes } = fit([...buyers.slice(0, REPEAT_BUYERS_MIN - 1), ...others.slice(0, 500)]);
  expect(artefact).toBe(model.artefact);
  expect(notes).toEqual([
    `scores use the default parameters (default ${model.ref.version}), not fitted to your data: 499 of 999 customers bought on a second day, and a fit takes 500`,
  ]);
});

test.each<[string, (customer: CustomerSummary, index: number) => CustomerSummary, RegExp]>([
  ["everybody spends the same", (one) => spending(one, 25), /^the data do not determine them: /u],
  ["spend without a mean", (one) => spending(one, drawn(0.7)), /the population's mean spend does not exist$/u],
  ["spend with hardly a mean", (one) => spending(one, drawn(1.03)), /^it would expect \d.* times the spend/u],
  ["nobody pays", (one) => spending(one, 0), /^no repeat purchase was worth anything$/u],
  [
    "hardly anybody pays",
    (one, index) => spending(one, index % 60 === 0 ? 10 + (index % 7) : 0),
    /^too few of them paid: \d+ customers/u,
  ],
  [
    "spend is one for all but for chance",
    (one) => spending(one, chance(one.x)),
    /^the data do not determine them: q and v run off together/u,
  ],
])("%s: purchases alone are fitted, and it is said why", (_, change, because) => {
  const { artefact, notes } = fit(population.map(change));
  expect(artefact).toMatchObject({ name: "fitted-purchases", fitted: true, spend: spendBefore });
  expect(artefact.purchases).not.toEqual(purchasesBefore);
  const [fitted, kept = "", ...others] = notes;
  expect(fitted).toMatch(/^fitted MBG\/NBD to /u);
  expect(others).toEqual([]);
  const [what, why] = kept.split(/: (.*)/u);
  expect(what).toBe("Gamma-Gamma keeps its default parameters");
  expect(why).toMatch(because);
});

test.each<[string, (customer: CustomerSummary, index: number) => CustomerSummary]>([
  ["everybody buys daily", (one, index) => customer(every(1 / 7, 20 + (index % 30)), meanOf(one))],
  ["everybody buys weekly", (one, index) => customer(every(1, 10 + (index % 30)), meanOf(one))],
  ["everybody bought twice, the second time the next day", (one) => customer({ x: 1, tx: 1 / 7, T: 30 }, meanOf(one))],
  ["nobody ever leaves", (one) => customer(staying(), meanOf(one))],
])("%s: spend alone is fitted, and it is said why", (_, change) => {
  const { artefact, notes } = fit(population.filter(({ x }) => x > 0).map(change));
  expect(artefact).toMatchObject({ name: "fitted-spend", fitted: true, purchases: purchasesBefore });
  expect(artefact.spend).not.toEqual(spendBefore);
  expect(notes[0]).toMatch(/^fitted Gamma-Gamma to /u);
  expect(notes[1]).toMatch(/^MBG\/NBD keeps its default parameters: the data do not determine them: /u);
});

test("where neither can be fitted, nothing is", () => {
  const { artefact, notes } = fit(population.map((_, index) => customer(every(1 / 7, 20 + (index % 30)), 25)));
  expect(artefact).toBe(model.artefact);
  expect(notes.map((note) => note.slice(0, 30))).toEqual([
    "scores use the default paramet",
    "MBG/NBD keeps its default para",
    "Gamma-Gamma keeps its default ",
  ]);
});

test("spend that goes with frequency is fitted with a note", () => {
  const { artefact, notes } = fit(population.map((one) => spending(one, meanOf(one) * (1 + one.x / 4))));
  expect(artefact.name).toBe("fitted");
  expect(notes[1]).toMatch(/^note on Gamma-Gamma: spend a purchase and number of purchases correlate by 0\.\d/u);
});

function fit(customers: readonly CustomerSummary[]): ModelFit {
  return fitModel({ customers, every: 1 }, model);
}

function customer({ x, tx, T }: { x: number; tx: number; T: number }, m: number): CustomerSummary {
  return { id: "", firstDay: 0, x, tx, T, logGaps: 0, firstSpend: 100, repeatSpend: Math.round(100 * m * x) };
}

function spending(one: CustomerSummary, m: number): CustomerSummary {
  return customer(one, m);
}

function meanOf({ x, repeatSpend }: CustomerSummary): number {
  return x === 0 ? 0 : repeatSpend / 100 / x;
}

/** Log-normal but for its tail: the mean spend of customers whose q is this. */
function drawn(q: number): number {
  return simulatedSpend({ p: 4, q, v: 20 }, 3, random).m;
}

/** The mean of exponential amounts that are the same for all customers. */
function chance(x: number): number {
  let total = 0;
  for (let i = 0; i < x; i++) total -= 20 * Math.log(1 - random());
  return x === 0 ? 0 : total / x;
}

function every(weeks: number, times: number): { x: number; tx: number; T: number } {
  return { x: times, tx: times * weeks, T: times * weeks };
}

function staying(): { x: number; tx: number; T: number } {
  return historyOf(
    simulatedPurchases({ model: "MBG/NBD", parameters: { r: 2, alpha: 6, a: 1e-7, b: 10 } }, 40, random),
    40,
  );
}

import { expect, test } from "vitest";
import { aliveCrossing, silenceCrossings } from "./crossing-times.ts";
import { createPurchaseModel } from "./purchase-model.ts";

const parameters = { r: 0.6, alpha: 6, a: 0.8, b: 2.4 };
const bg = createPurchaseModel({ model: "BG/NBD", parameters });
const mbg = createPurchaseModel({ model: "MBG/NBD", parameters });
const pareto = createPurchaseModel({ model: "Pareto/NBD", parameters: { r: 0.55, alpha: 10.6, s: 0.6, beta: 11.7 } });
/** Buys about every eight weeks, with little variation. */
const regular = createPurchaseModel({ model: "MBG/CNBD-k", parameters: { k: 6, r: 8, alpha: 10, a: 0.8, b: 8 } });

test.each([
  [1, 3, 0.5],
  [4, 20, 0.3],
  [12, 50, 0.01],
])("P(alive) at x %d, tx %d falls to %d at the closed form's T", (x, tx, level) => {
  const { r, alpha, a, b } = parameters;
  const odds = 1 / level - 1;
  expectNear(aliveCrossing(bg, x, tx, level), (alpha + tx) * ((odds * (b + x - 1)) / a) ** (1 / (r + x)) - alpha);
  expectNear(aliveCrossing(mbg, x, tx, level), (alpha + tx) * ((odds * (b + x)) / a) ** (1 / (r + x)) - alpha);
});

test("for the other models it inverts P(alive)", () => {
  for (const model of [pareto, regular]) {
    expectNear(model.alive(3, 20, aliveCrossing(model, 3, 20, 0.2)), 0.2);
  }
});

test("who bought once is alive for BG/NBD as long as one may look", () => {
  expect(aliveCrossing(bg, 0, 0, 0.9)).toBe(Infinity);
});

test("who is below the level from the start crossed it there", () => {
  expect(mbg.alive(1, 3, 3)).toBeLessThan(0.9);
  expect(aliveCrossing(mbg, 1, 3, 0.9)).toBe(3);
});

test("a level that is no probability, or a history out of domain, has no crossing", () => {
  for (const level of [0, 1, NaN]) expect(aliveCrossing(mbg, 1, 3, level)).toBeNaN();
  expect(aliveCrossing(mbg, 0, 3, 0.5)).toBeNaN();
  expect(silenceCrossings(mbg, 1, 3, { horizon: 13, level: 1, from: 3, until: 100 })).toEqual([]);
  expect(silenceCrossings(mbg, 1, 3, { horizon: 13, level: 0.5, from: 2, until: 100 })).toEqual([]);
  expect(silenceCrossings(mbg, 0, 3, { horizon: 13, level: 0.5, from: 3, until: 100 })).toEqual([]);
});

test("silence of a Poisson buyer passes a level once, or has passed it, or never does", () => {
  const band = { horizon: 13, level: 0.7, from: 20, until: 500 };
  for (const model of [bg, mbg, pareto]) {
    const crossings = silenceCrossings(model, 4, 20, band);
    expect(crossings.length).toBe(1);
    expectNear(model.silence(4, 20, crossings[0] ?? NaN, 13), 0.7);
    expect(silenceCrossings(model, 4, 20, { ...band, until: (crossings[0] ?? NaN) - 1 })).toEqual([]);
    expect(silenceCrossings(model, 4, 20, { ...band, from: (crossings[0] ?? NaN) + 1 })).toEqual([]);
  }
});

test("silence of a regular buyer falls through a level until his next purchase is due, and rises through it again", () => {
  const crossings = silenceCrossings(regular, 8, 56, { horizon: 4, level: 0.4, from: 56, until: 200 });
  expect(crossings.length).toBe(2);
  const [down = NaN, up = NaN] = crossings;
  for (const T of crossings) expectNear(regular.silence(8, 56, T, 4), 0.4);
  expect(regular.silence(8, 56, down - 0.1, 4)).toBeGreaterThan(0.4);
  expect(regular.silence(8, 56, (down + up) / 2, 4)).toBeLessThan(0.4);
  expect(regular.silence(8, 56, up + 0.1, 4)).toBeGreaterThan(0.4);
});

test("two crossings close together, at the bottom of the dip, are both found", () => {
  let lowest = 1;
  for (let T = 56; T < 100; T += 0.001) lowest = Math.min(lowest, regular.silence(8, 56, T, 4));
  const band = { horizon: 4, level: lowest + 1e-6, from: 56, until: 2000 };
  const crossings = silenceCrossings(regular, 8, 56, band);
  expect(crossings.length).toBe(2);
  expect((crossings[1] ?? NaN) - (crossings[0] ?? NaN)).toBeLessThan(0.1);
  expect(silenceCrossings(regular, 8, 56, { ...band, level: lowest - 1e-6 })).toEqual([]);
});

function expectNear(actual: number, expected: number): void {
  expect(Math.abs(actual / expected - 1)).toBeLessThan(1e-10);
}

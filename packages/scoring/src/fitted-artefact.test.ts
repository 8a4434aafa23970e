import { expect, test } from "vitest";
import { defaultArtefact, overriddenArtefact } from "./default-artefact.ts";
import { fittedArtefact } from "./fitted-artefact.ts";

const purchases = { r: 0.6, alpha: 7, a: 0.9, b: 1.5 };
const spend = { p: 5, q: 4, v: 21 };
const base = defaultArtefact({ currency: "EUR" });

test("equal content is one version, and any other content another one", () => {
  const fitted = fittedArtefact(base, { purchases, spend });
  expect(fitted).toMatchObject({ name: "fitted", fitted: true, currency: "EUR", purchases, spend });
  expect(fitted.version).toMatch(/^[0-9a-f]{12}$/);
  const rewritten = { b: 1.5, a: 0.9, alpha: 7, r: 0.6 };
  expect(fittedArtefact(base, { purchases: rewritten, spend })).toEqual(fitted);
  const others = [
    fittedArtefact(base, { purchases: { ...purchases, r: 0.6000001 }, spend }),
    fittedArtefact(defaultArtefact({ currency: "CHF" }), { purchases, spend }),
    fittedArtefact(base, { purchases, spend: null }),
    fittedArtefact(base, { purchases: null, spend }),
  ];
  expect(new Set([fitted, ...others].map(({ version }) => version)).size).toBe(5);
});

test("the name says what was fitted, and what was not stays", () => {
  const byPurchases = fittedArtefact(base, { purchases, spend: null });
  expect(byPurchases).toMatchObject({ name: "fitted-purchases", fitted: true, purchases, spend: base.spend });
  const bySpend = fittedArtefact(base, { purchases: null, spend });
  expect(bySpend).toMatchObject({ name: "fitted-spend", fitted: true, purchases: base.purchases, spend });
  expect(fittedArtefact(base, { purchases: null, spend: null })).toBe(base);
});

test("overridden it keeps its parameters and says in its version that it is another", () => {
  const fitted = fittedArtefact(base, { purchases, spend });
  expect(overriddenArtefact(fitted, { currency: "EUR", churnHorizonDays: 90 })).toBe(fitted);
  const shorter = overriddenArtefact(fitted, { churnHorizonDays: 30 });
  expect(shorter).toMatchObject({ name: "fitted", fitted: true, purchases, churnHorizonDays: 30 });
  expect(shorter.version).toMatch(new RegExp(`^${fitted.version}\\+[0-9a-f]{12}$`));
});

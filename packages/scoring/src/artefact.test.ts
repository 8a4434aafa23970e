import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { artefactText, modelHash } from "./artefact.ts";
import { defaultArtefact } from "./default-artefact.ts";
import { createModel } from "./model.ts";

test("the hash is that of the text, whatever order the fields were written in", () => {
  const artefact = defaultArtefact();
  const reversed = Object.fromEntries(Object.entries(artefact).reverse()) as unknown as typeof artefact;
  expect(modelHash(reversed)).toBe(modelHash(artefact));
  expect(modelHash(artefact)).toBe(createHash("sha256").update(artefactText(artefact)).digest("hex"));
  expect(JSON.parse(artefactText(artefact))).toEqual(artefact);
});

test("what is overridden is another version, and an override equal to the default is none", () => {
  expect(defaultArtefact({ currency: "USD", churnHorizonDays: 90 })).toBe(defaultArtefact());
  const euros = defaultArtefact({ currency: "EUR" });
  expect(euros).toMatchObject({ name: "default", currency: "EUR", fitted: false });
  expect(euros.version).toMatch(/^2\+[0-9a-f]{12}$/);
  expect(defaultArtefact({ currency: "EUR" }).version).toBe(euros.version);
});

test("tier thresholds are minor units of the base currency", () => {
  const levels = (currency: string) =>
    createModel(defaultArtefact({ currency })).tiers.map(({ fromMinor, keptFromMinor }) => [fromMinor, keptFromMinor]);
  expect(levels("USD")).toEqual([
    [0, 0],
    [250, 225],
    [600, 540],
    [2_000, 1_800],
    [6_000, 5_400],
  ]);
  expect(levels("JPY")).toEqual([
    [0, 0],
    [3, 3],
    [6, 6],
    [20, 18],
    [60, 54],
  ]);
});

test("a currency or zone that there is not is refused", () => {
  expect(() => createModel(defaultArtefact({ currency: "XYZ" }))).toThrow(RangeError);
  expect(() => createModel(defaultArtefact({ timeZone: "Nowhere" }))).toThrow(RangeError);
});

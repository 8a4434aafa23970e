import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { artefactText, MODEL_WORD_BYTES_MAX, modelHash } from "./artefact.ts";
import { defaultArtefact, overriddenArtefact } from "./default-artefact.ts";
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

test("a version that is overridden stays within its bytes, and is another for another content", () => {
  const long = { ...defaultArtefact(), version: "版".repeat(21) };
  const versions = ["EUR", "JPY"].map((currency) => overriddenArtefact(long, { currency }).version);
  expect(versions.map((version) => Buffer.byteLength(version) <= MODEL_WORD_BYTES_MAX)).toEqual([true, true]);
  expect(versions[0]).toMatch(/^版{17}\+[0-9a-f]{12}$/);
  expect(versions[0]).not.toBe(versions[1]);
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

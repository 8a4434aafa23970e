import { readFileSync } from "node:fs";
import { emptyProfile } from "@tidemark/contracts";
import { describe, expect, test } from "vitest";
import { applyEvent } from "../apply-event.ts";
import type { Artefact } from "../artefact.ts";
import { createModel } from "../model.ts";
import { sampleEvent } from "../sample-event.ts";
import { evaluateScorecard } from "../scorecards/evaluate-scorecard.ts";
import { PRESETS } from "../scorecards/presets.ts";
import { CATALOGUE, indicatorsOf } from "./catalogue.ts";

/** Made by hand; what is expected of them by `golden.py` there, which shares nothing with this code. */
const FIXTURES = new URL("../../../../test/fixtures/indicators/", import.meta.url);
const customers = fixture("customers.json") as readonly Customer[];
const expected = fixture("expected.json") as readonly Expected[];
const model = createModel(fixture("artefact.json") as Artefact);

describe("the golden table", () => {
  test("has forty customers, and every indicator is known of one of them", () => {
    expect(customers.map(({ note }) => note)).toEqual(expected.map(({ note }) => note));
    expect(customers.length).toBe(40);
    const unknown = CATALOGUE.filter(({ name }) => expected.every(({ indicators }) => indicators[name] === null));
    expect(unknown).toEqual([]);
  });

  test.each(expected.map((row, i) => ({ ...row, customer: customers[i] })))(
    "$note: every indicator and preset as computed apart",
    ({ customer, indicators, scorecards }) => {
      const profile = emptyProfile(customer?.events[0]?.customerId ?? "");
      for (const event of customer?.events ?? []) {
        const outcome = applyEvent(profile, sampleEvent(event), {
          referenceAt: null,
          model,
          consentDefault: "granted",
        });
        expect(outcome).toMatch(/applied|duplicate/);
      }
      const values = indicatorsOf(profile, Date.parse(customer?.asOf ?? ""), model);
      expectNear({ ...values }, indicators);
      for (const [name, preset] of PRESETS) {
        const { points, grade, completeness } = evaluateScorecard(preset, values, model.artefact.base);
        expectNear({ points, grade, completeness }, scorecards[name] ?? {});
      }
    },
  );
});

interface Customer {
  readonly note: string;
  readonly asOf: string;
  readonly events: readonly { readonly type: string; readonly customerId: string }[];
}

type Values = Readonly<Record<string, number | string | null>>;

interface Expected {
  readonly note: string;
  readonly indicators: Values;
  readonly scorecards: Readonly<Record<string, Values>>;
}

function fixture(name: string): unknown {
  return JSON.parse(readFileSync(new URL(name, FIXTURES), "utf8"));
}

/** Numbers to 1e-9 of their size. */
function expectNear(actual: Values, wanted: Values): void {
  const differing = [...new Set([...Object.keys(actual), ...Object.keys(wanted)])].filter((name) => {
    const one = actual[name];
    const other = wanted[name];
    if (typeof one !== "number" || typeof other !== "number") return one !== other;
    return !(Math.abs(one - other) <= 1e-9 * Math.max(Math.abs(one), Math.abs(other)));
  });
  const only = (values: Values): Values => Object.fromEntries(differing.map((name) => [name, values[name] ?? null]));
  expect(only(actual)).toEqual(only(wanted));
}

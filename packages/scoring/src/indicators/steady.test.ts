import { readFileSync } from "node:fs";
import { emptyProfile } from "@tidemark/contracts";
import { expect, test } from "vitest";
import { applyEvent } from "../apply-event.ts";
import type { Artefact } from "../artefact.ts";
import { DAY_MS } from "../day-calendar.ts";
import { createModel } from "../model.ts";
import { sampleEvent } from "../sample-event.ts";
import { CATALOGUE, indicatorsOf, isSteady } from "./catalogue.ts";

/** The forty customers of the golden table. */
const FIXTURES = new URL("../../../../test/fixtures/indicators/", import.meta.url);
const customers = fixture("customers.json") as readonly Customer[];
const model = createModel(fixture("artefact.json") as Artefact);

test("what is said to change with events alone is not changed by time, and each of it is known of one customer", () => {
  const known = new Set<string>();
  for (const { asOf, events } of customers) {
    const profile = emptyProfile(events[0]?.customerId ?? "");
    for (const event of events) {
      applyEvent(profile, sampleEvent(event), { referenceAt: null, model, consentDefault: "granted" });
    }
    const at = Date.parse(asOf);
    const now = indicatorsOf(profile, at, model);
    for (const days of [1 / 24, 1, 8, 45, 400, 4_000]) {
      const later = indicatorsOf(profile, at + days * DAY_MS, model);
      for (const [name, value] of Object.entries(now)) {
        if (!isSteady(name)) continue;
        if (value !== null) known.add(name);
        const other = later[name];
        const isSame =
          typeof value === "number" && typeof other === "number"
            ? Math.abs(value - other) <= 1e-9 * Math.abs(value)
            : value === other;
        expect({ name, isSame }).toEqual({ name, isSame: true });
      }
    }
  }
  const unknown = CATALOGUE.filter(({ name, steady }) => steady === true && !known.has(name));
  expect(unknown).toEqual([]);
  expect(known.size).toBeGreaterThan(50);
});

interface Customer {
  readonly asOf: string;
  readonly events: readonly { readonly type: string; readonly customerId: string }[];
}

function fixture(name: string): unknown {
  return JSON.parse(readFileSync(new URL(name, FIXTURES), "utf8"));
}

import { emptyProfile, type InteractionKind, type Profile } from "@tidemark/contracts";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { applyEvent } from "./apply-event.ts";
import { interactionIndex } from "./apply-interaction.ts";
import { DAY_MS } from "./day-calendar.ts";
import { defaultArtefact } from "./default-artefact.ts";
import { createModel } from "./model.ts";
import { sampleEvent } from "./sample-event.ts";
import { recentEngagement } from "./hazard/engagement.ts";

const model = createModel(defaultArtefact());
const START = Date.UTC(2026, 0, 1);

test("interactions are counted by kind, whatever they weigh", () => {
  const profile = after([{ kind: "VISIT" }, { kind: "SUGGESTION" }, { kind: "VISIT", weight: 0 }]);
  expect(profile.interactions[interactionIndex("VISIT")]).toBe(2);
  expect(profile.interactions[interactionIndex("SUGGESTION")]).toBe(1);
  expect(profile.interactions.reduce((sum, count) => sum + count, 0)).toBe(3);
});

test("engagement counts what the customer does, by its weight, and halves in 30 days", () => {
  const profile = after([{ kind: "VISIT", weight: 3 }, { kind: "CART" }, { kind: "CAMPAIGN_EXPOSURE", campaign: "x" }]);
  expect(recentEngagement(profile, START)).toBe(5);
  expect(recentEngagement(profile, START + 30 * DAY_MS)).toBe(2.5);
});

test("a kind is counted at its place among the symbols of the schema", () => {
  const schema = readFileSync(new URL("../../../schemas/interactions.avsc", import.meta.url), "utf8");
  const { fields } = JSON.parse(schema) as { fields: { name: string; type: { symbols: InteractionKind[] } }[] };
  const symbols = fields.find(({ name }) => name === "kind")?.type.symbols ?? [];
  expect(symbols.length).toBeGreaterThan(10);
  expect(symbols.map(interactionIndex)).toEqual(symbols.map((_, index) => index));
});

function after(interactions: readonly Readonly<Record<string, unknown>>[]): Profile {
  const profile = emptyProfile("c1");
  for (const [i, fields] of interactions.entries()) {
    const event = sampleEvent({ type: "interaction", ...fields, eventId: `e${i}`, occurredAt: START });
    expect(applyEvent(profile, event, { referenceAt: null, model, consentDefault: "granted" })).toBe("applied");
  }
  return profile;
}

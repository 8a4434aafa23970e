import { type Artefact, defaultArtefact } from "@tidemark/scoring";
import { expect, test } from "vitest";
import { artefactSchema } from "./artefact-schema.ts";
import { modelOf } from "./model-of.ts";
import { parseSettings } from "./settings.ts";

const artefact = defaultArtefact();
const { intercept, complaintOpen, complaintSteps, engagement } = artefact.hazard;

function accepts(changes: object): boolean {
  return artefactSchema.safeParse({ ...artefact, ...changes }).success;
}

test("the default artefact is valid, and one from before the hazard and the value had more parts still is", () => {
  expect(accepts({})).toBe(true);
  const { complaintSlaHours: _, renewals: __, ...older } = artefact;
  const kept: Artefact = { ...older, hazard: { intercept, complaintOpen, complaintSteps, engagement } };
  expect(artefactSchema.parse(kept)).toEqual(kept);
});

test("steps that do not ascend, a severity too few, a share above 1 and a name that nobody knows are refused", () => {
  const { hazard } = artefact;
  expect(
    accepts({
      hazard: {
        ...hazard,
        supportSteps: [
          { from: 2, logit: 1 },
          { from: 2, logit: 2 },
        ],
      },
    }),
  ).toBe(false);
  expect(accepts({ hazard: { ...hazard, supportSteps: [{ from: 0, logit: 1 }] } })).toBe(false);
  expect(accepts({ hazard: { ...hazard, complaintSeverity: [0, 0, 0, 0] } })).toBe(false);
  expect(accepts({ value: { refundRate: 1.1 } })).toBe(false);
  expect(accepts({ value: { marginRateByCategory: { tea: 0.4 }, netOfCosts: true } })).toBe(true);
  expect(accepts({ hazard: { ...hazard, weather: 1 } })).toBe(false);
});

test("the hours that a complaint may wait are those of the setting, else of the model", () => {
  const place = { currency: "USD", timeZone: "UTC" };
  const hours = (environment: Record<string, string>): number =>
    modelOf(place, parseSettings(environment, {}), { ...artefact, complaintSlaHours: 10 }).complaintSlaMs / 3_600_000;
  expect(hours({ TIDEMARK_COMPLAINT_SLA_HOURS: "24" })).toBe(24);
  expect(hours({})).toBe(10);
});

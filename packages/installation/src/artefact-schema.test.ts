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

test("a name or a version has 64 bytes at most, in whatever script, and neither blanks nor slashes", () => {
  expect(["模".repeat(21), "m".repeat(64)].map((word) => accepts({ name: word, version: word }))).toEqual([true, true]);
  const wrong = ["模".repeat(22), "m".repeat(65), "", "a b", "a/b"];
  expect(wrong.flatMap((word) => [accepts({ name: word }), accepts({ version: word })]).filter(Boolean)).toEqual([]);
});

test("the hours that a complaint may wait are those of the setting, else of the model", () => {
  const place = { currency: "USD", timeZone: "UTC" };
  const hours = (environment: Record<string, string>): number =>
    modelOf(place, parseSettings(environment, {}), { ...artefact, complaintSlaHours: 10 }).complaintSlaMs / 3_600_000;
  expect(hours({ TIDEMARK_COMPLAINT_SLA_HOURS: "24" })).toBe(24);
  expect(hours({})).toBe(10);
});

test("rules of stages and alerts that contradict themselves are refused with their path", () => {
  const pathOf = (changes: object): string | undefined =>
    artefactSchema.safeParse({ ...artefact, ...changes }).error?.issues[0]?.path.join(".");
  const severity = { mediumMajor: 1, highMajor: 2, criticalMajor: 3 };
  const churn = { bands: [0.4, 0.6], hysteresis: 0.1, coolDownDays: 1 };
  expect(accepts({ alerts: { severity } })).toBe(true);
  expect(accepts({ alerts: { severity, churn } })).toBe(true);
  expect(pathOf({ alerts: { severity, churn: { ...churn, bands: [0.6, 0.4] } } })).toBe("alerts.churn.bands");
  expect(pathOf({ alerts: { severity, churn: { ...churn, hysteresis: 0.4 } } })).toBe("alerts.churn.hysteresis");
  expect(pathOf({ alerts: { severity: { ...severity, highMajor: 0 } } })).toBe("alerts.severity");
  expect(pathOf({ alerts: { severity, lossMaking: { coolDownDays: -1 } } })).toBe("alerts.lossMaking.coolDownDays");
  const lifecycle = {
    newDays: 30,
    returnedDays: 30,
    loyal: { repeats: 3, below: 0.4 },
    slipping: { from: 0.6, silentDays: 20 },
    lost: { from: 0.8, silentDays: 90 },
    band: 0.05,
    dwellDays: 3,
  };
  expect(accepts({ lifecycle })).toBe(true);
  expect(pathOf({ lifecycle: { ...lifecycle, lost: { from: 0.5, silentDays: 90 } } })).toBe("lifecycle.lost.from");
  expect(pathOf({ lifecycle: { ...lifecycle, lost: { from: 0.8, silentDays: 9 } } })).toBe("lifecycle.lost.silentDays");
});

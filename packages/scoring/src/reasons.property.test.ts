import { logit } from "@tidemark/models";
import fc from "fast-check";
import { expect, test } from "vitest";
import { DAY_MS } from "./day-calendar.ts";
import { defaultArtefact } from "./default-artefact.ts";
import { HAZARD_TERMS } from "./hazard/hazard.ts";
import { createModel } from "./model.ts";
import { reasonText } from "./reasons/reason-text.ts";
import { REASON_WORDS } from "./reasons/reason-words.ts";
import { anyHistory, HISTORY_DAYS } from "./sample-history.arbitrary.ts";
import { sampleHistory } from "./sample-history.ts";
import { SAMPLE_START } from "./sample-profile.ts";
import { score } from "./score.ts";

const artefact = defaultArtefact();
const model = createModel({ ...artefact, hazard: { ...artefact.hazard, intercept: 0.1 } });
const SPENDS_LESS = [-300, -290, -280, 90, 91, 92].map((day) => {
  return { type: "purchase", kind: "PURCHASE", day, amountMinor: day < 0 ? 20_000 : 1_000 };
});
/** What churn starts from. */
const STANDINGS = ["SILENCE", "CONTRACT_RENEWAL", "CONTRACT_LAPSED"];

test("whatever happened, the reasons add up to the logit of churn within 1e-12, and each is worded in both languages", () => {
  const seen = new Set<string>();
  fc.assert(
    fc.property(anyHistory(), fc.integer({ min: 0, max: 200 * DAY_MS }), (events, afterMs) => {
      const asOf = SAMPLE_START + HISTORY_DAYS * DAY_MS + afterMs;
      const { churn, reasons, value } = score(sampleHistory(events, model), asOf, model);
      if (churn === null) {
        expect([reasons, value]).toEqual([[], null]);
        return;
      }
      const sum = reasons.reduce((total, { logit: term }) => total + term, 0);
      // The logit of a double next to 1 is not exact itself.
      const slack = 1e-12 + 1e-15 / (1 - churn);
      expect(Math.abs(sum - logit(churn))).toBeLessThan(slack);
      expect(reasons.filter(({ code }) => STANDINGS.includes(code)).length).toBe(1);
      for (const reason of reasons) {
        seen.add(reason.code);
        expect(Object.values(reason.params).every(Number.isFinite)).toBe(true);
        const english = reasonText(reason, "en");
        expect(english).toMatch(/^[\w ():,.%-]{10,}$/);
        expect(english).not.toMatch(/\b1 (days|hours|complaints|payments|orders|times|contacts)\b|\bNaN\b|-\d/);
        expect(reasonText(reason, "zh-CN")).toMatch(/^[\p{Script=Han}\d %,:()]{8,}$/u);
      }
    }),
    // Random lives of a hundred days seldom show a fall of spend.
    { numRuns: 1_500, examples: [[SPENDS_LESS, 0]] },
  );
  const codes = [...STANDINGS, ...HAZARD_TERMS.map(({ code }) => code)].toSorted();
  expect([...seen].toSorted()).toEqual(codes);
  expect([...REASON_WORDS.keys()].toSorted()).toEqual(codes);
});

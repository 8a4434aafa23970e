import fc from "fast-check";
import { expect, test } from "vitest";
import { defaultArtefact } from "./default-artefact.ts";
import { judge } from "./judge.ts";
import { createModel } from "./model.ts";
import { anyHistory, HISTORY_DAYS } from "./sample-history.arbitrary.ts";
import { sampleHistory, sampleTime } from "./sample-history.ts";
import { score } from "./score.ts";

const model = createModel({ ...defaultArtefact(), costToServe: { SUPPORT: 10 } });

test("judged again at once nothing is found, the profile stands, and the score is the same", () => {
  fc.assert(
    fc.property(anyHistory(), fc.integer({ min: 0, max: 400 }), (events, silentDays) => {
      const profile = sampleHistory(events, model);
      const asOf = sampleTime(HISTORY_DAYS + silentDays);
      judge(profile, asOf, model);
      const before = structuredClone(profile);
      const once = score(profile, asOf, model);
      expect(judge(profile, asOf, model)).toEqual({ body: once, tier: null, lifecycleChanged: false, alerts: null });
      expect(structuredClone(profile)).toEqual(before);
      expect(JSON.stringify(score(profile, asOf, model))).toBe(JSON.stringify(once));
    }),
    { numRuns: 200 },
  );
});

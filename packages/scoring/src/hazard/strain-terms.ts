import type { Profile } from "@tidemark/contracts";
import type { Hazard } from "../artefact.ts";
import { decayed, STRAIN_HALF_LIFE_MS } from "../decayed-sum.ts";
import type { StrainKind } from "../strain.ts";
import { type DecayedStep, decayedStep, NO_STEP } from "./decayed-step.ts";
import type { HazardTerm } from "./hazard-term.ts";
import type { Model } from "../model.ts";

/** By the number of support contacts, each halved every 90 days. */
export const SUPPORT_CONTACTS = strainTerm("SUPPORT_CONTACTS", "support", ({ supportSteps }) => supportSteps);
/** By the number of low ratings, each halved every 90 days. */
export const LOW_RATINGS = strainTerm("LOW_RATINGS", "lowRatings", ({ lowRatingSteps }) => lowRatingSteps);
/** By how negative reviews were, halved every 90 days. */
export const NEGATIVE_REVIEWS = strainTerm("NEGATIVE_REVIEWS", "hostility", ({ hostilitySteps }) => hostilitySteps);

function strainTerm(code: string, kind: StrainKind, stepsOf: (hazard: Hazard) => Hazard["supportSteps"]): HazardTerm {
  const sumKey = `${kind}Decayed` as const;
  const atKey = `${kind}At` as const;
  const step = ({ strain }: Profile, asOf: number, { artefact }: Model): DecayedStep => {
    const steps = stepsOf(artefact.hazard);
    if (strain === null || steps === undefined) return NO_STEP;
    return decayedStep(strain[sumKey], strain[atKey], STRAIN_HALF_LIFE_MS, asOf, steps);
  };
  return {
    code,
    logit: (profile, asOf, model) => (profile.strain === null ? 0 : step(profile, asOf, model).logit),
    stepAt: (profile, asOf, model) => (profile.strain === null ? Infinity : step(profile, asOf, model).until),
    evidence: ({ strain }, asOf) => ({
      decayed: strain === null ? 0 : decayed(strain[sumKey], asOf - strain[atKey], STRAIN_HALF_LIFE_MS),
    }),
  };
}

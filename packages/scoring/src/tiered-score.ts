import type { Profile } from "@tidemark/contracts";
import type { Model } from "./model.ts";
import { score, type ScoreBody } from "./score.ts";
import { tierByScorecard } from "./tier-by-scorecard.ts";

/**
 * The score of a profile as of an instant, its tier by value or by the scorecard that the model names. Pure, as `score` is.
 * @throws Error as `score` does
 */
export function tieredScore(profile: Profile, asOf: number, model: Model): ScoreBody {
  const scored = score(profile, asOf, model);
  const { tierCard } = model;
  // A prospect has no tier.
  if (tierCard === null || scored.value === null) return scored;
  return { ...scored, tier: tierByScorecard(profile, scored, asOf, model, tierCard) };
}

import type { Profile } from "@tidemark/contracts";
import { judgeAlerts } from "./alerts/judge-alerts.ts";
import type { AlertChange } from "./alerts/standing-alerts.ts";
import type { Model } from "./model.ts";
import type { ScoreBody } from "./score.ts";
import { judgeTier, type TierJudgement } from "./tier.ts";
import { judgeCard } from "./tier-by-scorecard.ts";
import { tieredScore } from "./tiered-score.ts";

/** What one judgement of a customer found. */
export interface Judgement {
  readonly body: ScoreBody;
  /** null = the tier stands. */
  readonly tier: TierJudgement | null;
  readonly lifecycleChanged: boolean;
  /** null = nothing to tell. */
  readonly alerts: readonly AlertChange[] | null;
}

/**
 * Scores a customer as of an instant and brings tier, lifecycle and alerts of the profile up to it. Once a turn for whom records changed, and
 * at each firing (R1).
 * @param asOf ms since the epoch, not before that of the judgement before
 * @throws Error as {@link tieredScore}; the profile is then as it was
 */
export function judge(profile: Profile, asOf: number, model: Model): Judgement {
  const body = tieredScore(profile, asOf, model);
  const tier = body.tier === profile.tier ? null : tierJudgement(profile, body, model);
  if (tier !== null) {
    profile.tier = body.tier;
    profile.tierSince = body.tier === "NONE" ? 0 : asOf;
  }
  const lifecycleChanged = body.lifecycle !== profile.lifecycle;
  if (lifecycleChanged) {
    profile.lifecycle = body.lifecycle;
    profile.lifecycleSince = asOf;
  }
  return { body, tier, lifecycleChanged, alerts: judgeAlerts(profile, body, profile.version + 1, model) };
}

function tierJudgement(profile: Profile, body: ScoreBody, model: Model): TierJudgement | null {
  const { tierCard } = model;
  return tierCard === null || body.value === null
    ? judgeTier(profile, body.value?.expectedMinor ?? null, body.asOf, model)
    : judgeCard(profile, body, tierCard);
}

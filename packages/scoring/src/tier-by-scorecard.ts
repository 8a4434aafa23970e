import type { Profile, Tier } from "@tidemark/contracts";
import type { Watch } from "./due/watch.ts";
import type { IndicatorValue } from "./indicators/indicator.ts";
import { indicatorOf } from "./indicators/catalogue.ts";
import { customerView } from "./indicators/customer-view.ts";
import type { Model } from "./model.ts";
import type { ScoreBody } from "./score.ts";
import { evaluateScorecard, isKept, reaches, type ScorecardResult } from "./scorecards/evaluate-scorecard.ts";
import type { TierJudgement, TierStanding } from "./tier.ts";
import type { CardLevel, TierCard } from "./tier-card.ts";

/**
 * The tier that a scorecard gives: up as soon as a level is reached; down when the bounds of the standing one are missed by more than
 * the band, and not before the dwell is over. A fall stops at the first level that is still held. Of whom too little is known for a
 * grade the tier stays; who has none has the first.
 * @param scored what the score is beside the tier
 */
export function tierByScorecard(profile: Profile, scored: ScoreBody, asOf: number, model: Model, card: TierCard): Tier {
  const view = customerView(profile, asOf, model, scored);
  const values: Record<string, IndicatorValue> = Object.create(null) as Record<string, IndicatorValue>;
  for (const name of card.indicators) values[name] = indicatorOf(view, name);
  const result = evaluateScorecard(card.scorecard, values, model.artefact.base);
  const { levels, band } = card;
  const standing = levels.findIndex(({ tier }) => tier === profile.tier);
  const reached = reachedLevel(levels, result);
  const lowest = levels[0]?.tier ?? "NONE";
  if (reached === null) return standing < 0 ? lowest : profile.tier;
  if (reached >= standing) return levels[reached]?.tier ?? lowest;
  if (asOf < profile.tierSince + model.dwellMs) return profile.tier;
  let level = standing;
  while (level > reached && !isHeld(levels[level], result, band)) level--;
  return levels[level]?.tier ?? lowest;
}

/** Why a scorecard gives another tier than the one in force; null where it gives the same. */
export function judgeCard(
  { tier, tierSince }: TierStanding,
  { tier: to, value, asOf }: ScoreBody,
  { levels }: TierCard,
): TierJudgement | null {
  if (to === tier) return null;
  const level = (wanted: Tier): number => levels.findIndex((candidate) => candidate.tier === wanted);
  const reason = tier === "NONE" ? "FIRST" : level(to) > level(tier) ? "REACHED" : "FELL_BELOW";
  // A scorecard holds many things against many bounds: whoever asks computes it.
  const evidence = {
    expectedMinor: value?.expectedMinor ?? null,
    boundaryMinor: null,
    keptMs: tierSince === 0 ? 0 : asOf - tierSince,
  };
  return { from: tier, to, at: asOf, reason, evidence };
}

/**
 * When the scorecard could give another tier though nothing happens: of one that events alone change at the end of the dwell, else at any
 * moment, so that the customer is looked at every hour (R6).
 */
export function watchCard(
  watch: Watch,
  { tierSince }: Pick<Profile, "tierSince">,
  asOf: number,
  { dwellMs }: Pick<Model, "dwellMs">,
  { steady }: TierCard,
): void {
  watch.at(steady ? tierSince + dwellMs : asOf + 1);
}

/** null where the scorecard says nothing. */
function reachedLevel(levels: readonly CardLevel[], { points, grade }: ScorecardResult): number | null {
  if (points === null || grade === null) return null;
  const byPoints = levels.some(({ fromPoints }) => fromPoints !== null);
  const level = levels.findLastIndex((candidate) => {
    return byPoints ? reaches(points, candidate.fromPoints ?? Infinity) : candidate.grade?.grade === grade;
  });
  return Math.max(0, level);
}

function isHeld(level: CardLevel | undefined, result: ScorecardResult, band: number): boolean {
  if (level === undefined) return false;
  if (level.grade !== null) return isKept(level.grade, result, band);
  return result.points !== null && reaches(result.points, (level.fromPoints ?? 0) * (1 - band));
}

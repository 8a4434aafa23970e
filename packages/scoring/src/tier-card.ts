import type { Tier } from "@tidemark/contracts";
import type { Artefact } from "./artefact.ts";
import { isSteady } from "./indicators/catalogue.ts";
import type { Grade, Scorecard } from "./scorecards/scorecard.ts";

/** A scorecard made ready to give tiers. */
export interface TierCard {
  readonly scorecard: Scorecard;
  /** Names of its indicators. */
  readonly indicators: readonly string[];
  /** Ascending. */
  readonly levels: readonly CardLevel[];
  /** Share of its bounds that may be missed before a tier is lost. */
  readonly band: number;
  /** Whether events alone change what it says: then nobody has to be looked at when nothing happens. */
  readonly steady: boolean;
}

export interface CardLevel {
  readonly tier: Tier;
  /** Points from which it is reached; null where it goes by grade. */
  readonly fromPoints: number | null;
  readonly grade: Grade | null;
}

/** @returns null where tiers go by value. @throws RangeError if the scorecard or one of the grades is not there */
export function createTierCard({ tiers, scorecards = [] }: Pick<Artefact, "tiers" | "scorecards">): TierCard | null {
  const { by, band } = tiers;
  if (by === undefined) return null;
  const scorecard = scorecards.find(({ name }) => name === by.scorecard);
  if (scorecard === undefined) throw new RangeError("the scorecard that gives tiers is none of the artefact's");
  const indicators = [...new Set(scorecard.dimensions.flatMap(({ items }) => items.map(({ indicator }) => indicator)))];
  return {
    scorecard,
    indicators,
    levels: by.levels.map((level) => {
      if ("fromPoints" in level) return { tier: level.tier, fromPoints: level.fromPoints, grade: null };
      const grade = scorecard.grades.find((candidate) => candidate.grade === level.grade);
      if (grade === undefined) throw new RangeError("a tier names a grade that its scorecard does not give");
      return { tier: level.tier, fromPoints: null, grade };
    }),
    band,
    steady: indicators.every(isSteady),
  };
}

import type { CustomerFacts, InteractionKind, Profile, Trade, Voice } from "@tidemark/contracts";
import { interactionIndex } from "../apply-interaction.ts";
import { type DayEntry, unpackDays } from "../day-list.ts";
import { type Opinion, opinionsOf } from "../feedback-list.ts";
import type { Model } from "../model.ts";
import { tradeOf, voiceOf } from "../optional-sums.ts";
import { type ProductHolding, productsOf } from "../product-list.ts";
import { score, type ScoreBody } from "../score.ts";
import { upgradedProfile } from "../upgrade-profile.ts";
import { type Buyer, buyerOf } from "../relationship.ts";
import { YEAR_WEEKS, yearStart } from "../week-list.ts";
import { lifetimeSums, type SpanSums, weeklySums } from "./span-sums.ts";

/** A profile as of an instant, with what several indicators need computed once. */
export interface CustomerView {
  readonly profile: Profile;
  readonly asOf: number;
  /** The local day of asOf. */
  readonly today: number;
  readonly model: Model;
  readonly score: ScoreBody;
  /** null for a prospect. */
  readonly buyer: Buyer | null;
  /** Purchase days that are kept one by one, oldest first. */
  readonly days: readonly DayEntry[];
  /** null if no purchase, interaction or complaint ever came. */
  readonly lifetime: SpanSums | null;
  readonly year: SpanSums | null;
  /** The trailing year in four quarters of 13 weeks, oldest first; null until the first purchase is as old as they. */
  readonly quarters: readonly SpanSums[] | null;
  readonly products: readonly ProductHolding[];
  readonly opinions: ReadonlyMap<string, Opinion>;
  readonly trade: Trade;
  readonly voice: Voice;
  readonly facts: CustomerFacts | null;
}

const QUARTER_WEEKS = YEAR_WEEKS / 4;

/** @param scored what `score` says of it, where that is known already. @throws Error as `score` does */
export function customerView(given: Profile, asOf: number, model: Model, scored?: ScoreBody): CustomerView {
  const profile = upgradedProfile(given, model);
  const today = model.calendar.dayOf(asOf);
  const start = yearStart(asOf, model.calendar);
  const hasEvents = profile.lastEventAt > 0;
  const hasYear = profile.purchaseDays > 0 && profile.firstDay <= today - YEAR_WEEKS * 7;
  return {
    profile,
    asOf,
    today,
    model,
    score: scored ?? score(profile, asOf, model),
    buyer: buyerOf(profile, model),
    days: unpackDays(profile.days),
    lifetime: hasEvents ? lifetimeSums(profile, asOf, model) : null,
    // An event may be a week ahead of the clock.
    year: hasEvents ? weeklySums(profile, start, YEAR_WEEKS + 1, asOf, model) : null,
    quarters: hasYear
      ? [0, 1, 2, 3].map((i) => weeklySums(profile, start + i * QUARTER_WEEKS, QUARTER_WEEKS, asOf, model))
      : null,
    products: productsOf(profile),
    opinions: new Map(opinionsOf(profile).map((opinion) => [opinion.dimension, opinion])),
    trade: tradeOf(profile),
    voice: voiceOf(profile),
    facts: profile.facts,
  };
}

/** How many interactions of a kind came. */
export function interactionsOf({ profile }: CustomerView, kind: InteractionKind): number {
  return profile.interactions[interactionIndex(kind)] ?? 0;
}

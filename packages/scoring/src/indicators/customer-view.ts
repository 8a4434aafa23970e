import type { Profile } from "@tidemark/contracts";
import { unpackDays, type DayEntry } from "../day-list.ts";
import type { Model } from "../model.ts";
import { score, type ScoreBody } from "../score.ts";
import { type Buyer, buyerOf } from "../valuation.ts";
import { lifetimeSums, type SpanSums, yearSums } from "./span-sums.ts";

/** A profile as of an instant, with what several indicators need computed once. */
export interface CustomerView {
  readonly profile: Profile;
  readonly asOf: number;
  readonly model: Model;
  readonly score: ScoreBody;
  /** null for a prospect. */
  readonly buyer: Buyer | null;
  /** Purchase days that are kept one by one, oldest first. */
  readonly days: readonly DayEntry[];
  /** null if nothing ever came. */
  readonly lifetime: SpanSums | null;
  readonly year: SpanSums | null;
}

/** @throws Error as `score` does */
export function customerView(profile: Profile, asOf: number, model: Model): CustomerView {
  return {
    profile,
    asOf,
    model,
    score: score(profile, asOf, model),
    buyer: buyerOf(profile, model),
    days: unpackDays(profile.days),
    lifetime: lifetimeSums(profile, asOf, model),
    year: yearSums(profile, asOf, model),
  };
}

/** Interactions of a kind that came, by its index. */
export function interactionsOf({ profile }: CustomerView, index: number): number {
  return profile.interactions[index] ?? 0;
}

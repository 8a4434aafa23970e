import type { Interaction, Profile, RatingScale } from "@tidemark/contracts";
import { FEEDBACK_HALF_LIFE_MS, forwardWeight } from "./decayed-sum.ts";
import { findInTable, openInTable, tableEntries, type TableShape } from "./name-table.ts";

/** What a customer thinks of one dimension, newer ratings weighing more. */
export interface Opinion {
  /** A dimension as events name it, or one of {@link WHOLE_NPS}, {@link WHOLE_CSAT}, {@link REVIEWS}. */
  readonly dimension: string;
  /** Mean rating, 0 to 1 on whatever scale it was given. */
  readonly mean: number;
  /** Mean of rating − expected of those that say what was expected, −1 to 1; null = none does. */
  readonly gap: number | null;
}

/** Ratings of the whole, by scale, and reviews. No dimension begins with a slash that is not cut off. */
export const WHOLE_NPS = "/NPS";
export const WHOLE_CSAT = "/CSAT";
export const REVIEWS = "/REVIEW";

export const FEEDBACK: TableShape = { entriesMax: 16, valueBytes: 32, nameBytesMax: 32 };

/** Whether a FEEDBACK says that the customer is discontent: a detractor's mark (NPS up to 6), or 1 or 2 of 5 (CSAT). */
export function isLowRating({ rating, scale }: Interaction): boolean {
  return rating !== null && scale !== null && rating <= (scale === "CSAT" ? LOW_CSAT_MAX : LOW_NPS_MAX);
}

const LOW_CSAT_MAX = 2;
const LOW_NPS_MAX = 6;

/** Adds a FEEDBACK that has a rating. */
export function addFeedback(profile: Profile, { rating, scale, expected, dimension }: Interaction, at: number): void {
  if (rating === null || scale === null) return;
  const name = dimension === null ? `/${scale}` : dimension.replace(/^\/+/, "");
  const gap = expected === null ? null : share(rating, scale) - share(expected, scale);
  addOpinion(profile, name, share(rating, scale), gap, at);
}

/** @param sentiment −1 to 1 */
export function addReview(profile: Profile, sentiment: number, at: number): void {
  addOpinion(profile, REVIEWS, (sentiment + 1) / 2, null, at);
}

export function opinionsOf({ feedback }: Profile): Opinion[] {
  return tableEntries(feedback, FEEDBACK).map(({ name, valueAt }) => {
    const weight = feedback.readDoubleLE(valueAt);
    const gapWeight = feedback.readDoubleLE(valueAt + GAP_WEIGHT_AT);
    return {
      dimension: name,
      mean: feedback.readDoubleLE(valueAt + SUM_AT) / weight,
      gap: gapWeight === 0 ? null : feedback.readDoubleLE(valueAt + GAP_SUM_AT) / gapWeight,
    };
  });
}

function addOpinion(profile: Profile, dimension: string, value: number, gap: number | null, at: number): void {
  const { table, entry } = openInTable(profile.feedback, FEEDBACK, dimension);
  profile.feedback = table;
  if (entry === null) return;
  const weight = forwardWeight(at, FEEDBACK_HALF_LIFE_MS);
  add(table, entry.valueAt, weight);
  add(table, entry.valueAt + SUM_AT, weight * value);
  if (gap === null) return;
  add(table, entry.valueAt + GAP_WEIGHT_AT, weight);
  add(table, entry.valueAt + GAP_SUM_AT, weight * gap);
}

const SUM_AT = 8;
const GAP_WEIGHT_AT = 16;
const GAP_SUM_AT = 24;

function add(bytes: Buffer, at: number, value: number): void {
  bytes.writeDoubleLE(bytes.readDoubleLE(at) + value, at);
}

/** A mark as a share of its scale's range. */
function share(mark: number, scale: RatingScale): number {
  return scale === "CSAT" ? (mark - 1) / 4 : mark / 10;
}

/** Mean rating of the whole on the CSAT scale, 0 to 1; null = there is none. @param feedback as `Profile.feedback` */
export function csatOf(feedback: Uint8Array): number | null {
  if (feedback.length === 0) return null;
  const table = feedback as Buffer;
  const entry = findInTable(table, FEEDBACK, WHOLE_CSAT);
  return entry === null ? null : table.readDoubleLE(entry.valueAt + SUM_AT) / table.readDoubleLE(entry.valueAt);
}

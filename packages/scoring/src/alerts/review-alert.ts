import type { AlertStanding, Profile } from "@tidemark/contracts";
import type { Watch } from "../due/watch.ts";
import { fingerprintText } from "../fingerprint.ts";
import type { AlertTerms } from "./alert-rules.ts";
import { type AlertMoment, clear, raise } from "./standing-alerts.ts";

/** Remembers a review that says what the customer thinks, whatever order reviews come in: the newest, and of two of one instant the worse. */
export function rememberReview(profile: Profile, eventId: string, sentiment: number, at: number): void {
  const before = profile.review;
  const subject = fingerprintText(eventId);
  const stays =
    before !== null &&
    (before.at !== at
      ? before.at > at
      : before.sentiment !== sentiment
        ? before.sentiment < sentiment
        : before.subject <= subject);
  if (!stays) profile.review = { at, sentiment, subject };
}

/**
 * The newest review is negative, and not old. One alert stands at most: it is cleared by a review that is not negative, and when the review
 * has grown old; the next negative one takes its place once the cool-down is over, so that an angry week is told once.
 */
export function judgeReviewAlert(profile: Profile, moment: AlertMoment, terms: AlertTerms): void {
  const { review } = profile;
  if (review === null) return;
  const coolDownMs = terms.coolDownMs.NEGATIVE_REVIEW;
  const isActive = coolDownMs !== null && isNegative(profile, moment.asOf, terms);
  const told = toldOf(profile);
  if (!isActive) {
    if (told?.cleared === false) clear(profile, told, moment);
    return;
  }
  if (told !== null && (told.subject === review.subject || moment.asOf < told.raisedAt + coolDownMs)) return;
  if (told?.cleared === false) clear(profile, told, moment);
  // One of another review has made way.
  profile.alerts = profile.alerts.filter(({ kind }) => kind !== "NEGATIVE_REVIEW");
  const { subject, at } = review;
  raise(profile, { kind: "NEGATIVE_REVIEW", subject, band: null, since: at, amountMinor: null }, moment, coolDownMs);
}

export function watchReviewAlert(watch: Watch, profile: Profile, asOf: number, terms: AlertTerms): void {
  const { review } = profile;
  const coolDownMs = terms.coolDownMs.NEGATIVE_REVIEW;
  if (review === null || coolDownMs === null || !isNegative(profile, asOf, terms)) return;
  const told = toldOf(profile);
  if (told?.cleared === false) watch.at(review.at + terms.reviewStandsMs);
  if (told !== null && told.subject !== review.subject) watch.at(told.raisedAt + coolDownMs);
}

function isNegative({ review }: Profile, asOf: number, { reviewBelow, reviewStandsMs }: AlertTerms): boolean {
  return review !== null && review.sentiment < reviewBelow && asOf < review.at + reviewStandsMs;
}

function toldOf({ alerts }: Profile): AlertStanding | null {
  return alerts.find(({ kind }) => kind === "NEGATIVE_REVIEW") ?? null;
}

import {
  checkEventTime,
  EVENT_AHEAD_MS_MAX,
  type Complaint,
  type Customer,
  type Interaction,
  type Profile,
  type Purchase,
} from "@tidemark/contracts";
import { applyComplaint } from "./apply-complaint.ts";
import { applyCustomer } from "./apply-customer.ts";
import { applyInteraction } from "./apply-interaction.ts";
import { applyPurchase } from "./apply-purchase.ts";
import { type ConsentDefault, isSuppressed } from "./consent.ts";
import { isBeforeErasure } from "./erasure.ts";
import { DAY_MS } from "./day-calendar.ts";
import { fingerprintOf } from "./fingerprint.ts";
import type { Model } from "./model.ts";
import { type Outcome, refused } from "./outcome.ts";
import { hasSeen, recordSeen } from "./seen-ids.ts";
import { upgradeProfile } from "./upgrade-profile.ts";

/** An input event with the topic it belongs to. */
export type ProfileEvent =
  | { readonly topic: "purchases"; readonly record: Purchase }
  | { readonly topic: "interactions"; readonly record: Interaction }
  | { readonly topic: "complaints"; readonly record: Complaint }
  | { readonly topic: "customers"; readonly record: Customer };

export interface ApplyTerms {
  /** What times in the future are measured by, ms since the epoch; null = nothing is too far ahead. */
  readonly referenceAt: number | null;
  readonly model: Model;
  readonly consentDefault: ConsentDefault;
  /** Append time of the event's record, ms since the epoch; left out where nobody was ever erased. */
  readonly appendedAt?: number;
}

/** An event older than the customer's newest by more than this is counted as late (R20). */
export const GRACE_MS = 30 * DAY_MS;

/**
 * Changes the profile by one event. Numbers of the profile do not depend on the order in which events come, within the bounds of its
 * lists. Unless the outcome is "applied" nothing changes, duplicates and counters included: only then will the caller store the profile.
 */
export function applyEvent(profile: Profile, event: ProfileEvent, terms: ApplyTerms): Outcome {
  const { occurredAt } = event.record;
  if (isBeforeErasure(profile, occurredAt, terms.appendedAt)) return "suppressed";
  if (event.topic !== "customers" && isSuppressed(profile, terms.consentDefault)) return "suppressed";
  const id = fingerprintOf(event.record.eventId);
  if (hasSeen(profile, id)) return "duplicate";
  const verdict = checkEventTime(occurredAt, terms.referenceAt);
  if (verdict === "refused") {
    return refused("TIME_OUT_OF_RANGE", "/occurredAt is before 1970 or more than 7 days ahead");
  }
  const clamped = verdict === "clamped" && terms.referenceAt !== null;
  const at = clamped ? terms.referenceAt + EVENT_AHEAD_MS_MAX : occurredAt;
  upgradeProfile(profile, terms.model);
  const refusal = applyRecord(profile, event, at, terms);
  if (refusal !== null) return refusal;
  recordSeen(profile, id);
  profile.applied++;
  if (clamped) profile.clamped++;
  if (event.topic !== "customers") {
    if (at < profile.lastEventAt - GRACE_MS) profile.late++;
    if (at > profile.lastEventAt) profile.lastEventAt = at;
    if (profile.firstEventAt === 0 || at < profile.firstEventAt) profile.firstEventAt = at;
  }
  return "applied";
}

function applyRecord(
  profile: Profile,
  event: ProfileEvent,
  at: number,
  { model, consentDefault }: ApplyTerms,
): Exclude<Outcome, string> | null {
  switch (event.topic) {
    case "purchases":
      return applyPurchase(profile, event.record, at, model);
    case "interactions":
      return applyInteraction(profile, event.record, at, model);
    case "complaints":
      return applyComplaint(profile, event.record, at, model);
    case "customers":
      return applyCustomer(profile, event.record, at, consentDefault, model);
  }
  return event satisfies never;
}

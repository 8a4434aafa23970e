import type { Profile } from "@tidemark/contracts";
import { countResolution } from "./apply-complaint.ts";
import { complaintsOf } from "./complaint-list.ts";
import { contractTerms } from "./contract-terms.ts";
import { DAY_MS } from "./day-calendar.ts";
import { unpackDays } from "./day-list.ts";
import { decayed, SPEND_HALF_LIFE_MS } from "./decayed-sum.ts";
import type { Model } from "./model.ts";
import { ordersOf } from "./order-list.ts";
import { addToWeek } from "./week-list.ts";

/**
 * Makes a profile of an earlier version one of this: what its lists hold is counted in the sums that are new, so that events which change
 * or take back an entry find it counted. What came before and is in no list stays unknown to them: of the first year after an upgrade,
 * trailing figures beside spend are of what came since. A profile of this version is left as it is.
 */
export function upgradeProfile(profile: Profile, model: Model): void {
  if (!hasHazardSums(profile)) addHazardSums(profile, model);
  if (!hasFirstEvent(profile)) addIndicatorSums(profile, model);
}

/**
 * Sums that only the hazard reads. Of activity, what is known of late is taken for all there was: a fall is told too late rather than without
 * a cause. Orders are counted at the noon of their days.
 */
function addHazardSums(profile: Profile, { calendar }: Model): void {
  profile.activityDecayed = profile.engagementDecayed;
  profile.ordersDecayed = unpackDays(profile.days).reduce((sum, { day, count }) => {
    return sum + decayed(count, profile.spendAt - calendar.endOf(day) + DAY_MS / 2, SPEND_HALF_LIFE_MS);
  }, 0);
  profile.contract = contractTerms(profile);
}

function addIndicatorSums(profile: Profile, { calendar }: Model): void {
  const complaints = complaintsOf(profile);
  const known = complaints.map(({ openedAt }) => openedAt).filter((openedAt) => openedAt > 0);
  if (profile.purchaseDays > 0) known.push(calendar.endOf(profile.firstDay - 1));
  profile.firstEventAt = Math.max(1, Math.min(profile.lastEventAt, ...known));
  for (const complaint of complaints) countResolution(profile, complaint, 1);
  for (const { day, amountMinor } of unpackDays(profile.refundDays)) {
    addToWeek(profile, day, "refundMinor", amountMinor);
  }
  profile.refundDays = Buffer.alloc(0);
  for (const { at, amountMinor, marginMinor, state } of ordersOf(profile)) {
    if (state !== "LIVE" || marginMinor === null) continue;
    addToWeek(profile, calendar.dayOf(at), "marginMinor", marginMinor);
    addToWeek(profile, calendar.dayOf(at), "marginOfMinor", amountMinor);
  }
}

/** The profile as this version keeps it; one of an earlier version is copied, not changed. */
export function upgradedProfile(profile: Profile, model: Model): Profile {
  if (hasHazardSums(profile) && hasFirstEvent(profile)) return profile;
  // Lists are replaced, not written to.
  const copy = { ...profile };
  upgradeProfile(copy, model);
  return copy;
}

/** Version 2 kept none of these sums: each is there where what it is made of is. */
function hasHazardSums({
  engagementDecayed,
  activityDecayed,
  purchases,
  ordersDecayed,
  voice,
  contract,
}: Profile): boolean {
  return (
    (activityDecayed > 0 || engagementDecayed === 0) &&
    (ordersDecayed > 0 || purchases === 0) &&
    (contract !== null || voice === null || voice.subscribedAt === 0)
  );
}

/** Version 1 kept no first event. */
function hasFirstEvent({ firstEventAt, lastEventAt }: Profile): boolean {
  return firstEventAt > 0 || lastEventAt === 0;
}

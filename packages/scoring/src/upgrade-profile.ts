import type { Profile } from "@tidemark/contracts";
import { countResolution } from "./apply-complaint.ts";
import { complaintsOf } from "./complaint-list.ts";
import { unpackDays } from "./day-list.ts";
import type { Model } from "./model.ts";
import { ordersOf } from "./order-list.ts";
import { addToWeek } from "./week-list.ts";

/**
 * Makes a profile of an earlier version one of this: what its lists hold is counted in the sums that are new, so that events which change
 * or take back an entry find it counted. What came before and is in no list stays unknown to them: of the first year after an upgrade,
 * trailing figures beside spend are of what came since. A profile of this version is left as it is.
 */
export function upgradeProfile(profile: Profile, { calendar }: Model): void {
  if (isCurrent(profile)) return;
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
  if (isCurrent(profile)) return profile;
  // Lists are replaced, not written to.
  const copy = { ...profile };
  upgradeProfile(copy, model);
  return copy;
}

/** Version 1 kept no first event. */
function isCurrent({ firstEventAt, lastEventAt }: Profile): boolean {
  return firstEventAt > 0 || lastEventAt === 0;
}

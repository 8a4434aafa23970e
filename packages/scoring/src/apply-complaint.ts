import type { Complaint, InputRefusal, Profile } from "@tidemark/contracts";
import { afterStep, countsFrom, findComplaint, isOpen, storeComplaint } from "./complaint-list.ts";
import { addDecayed, COMPLAINT_HALF_LIFE_MS } from "./decayed-sum.ts";

/** One step of a complaint: a complaint counts once, from its first opening, until it is withdrawn. */
export function applyComplaint(profile: Profile, complaint: Complaint, at: number): InputRefusal | null {
  const before = findComplaint(profile, complaint.complaintId);
  const after = afterStep(before, complaint.kind, at);
  const gone = storeComplaint(profile, complaint.complaintId, after);
  profile.complaintsOpen += Number(isOpen(after)) - Number(isOpen(before)) - Number(isOpen(gone));

  const from = countsFrom(before);
  const to = countsFrom(after);
  if (from === to) return null;
  if (to !== null) add(profile, 1, to);
  if (from !== null) add(profile, -1, from);
  // Not a residue of 1e-17.
  if (profile.complaints === 0) profile.complaintsDecayed = 0;
  return null;
}

function add(profile: Profile, count: 1 | -1, at: number): void {
  profile.complaints += count;
  profile.complaintsDecayed = addDecayed(
    profile.complaintsDecayed,
    profile.complaintsAt,
    count,
    at,
    COMPLAINT_HALF_LIFE_MS,
  );
  if (at > profile.complaintsAt) profile.complaintsAt = at;
}

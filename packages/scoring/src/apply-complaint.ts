import type { Complaint, InputRefusal, Profile } from "@tidemark/contracts";
import { countComplaintCategory } from "./complaint-categories.ts";
import {
  afterStep,
  type ComplaintState,
  countsFrom,
  findComplaint,
  isOpen,
  resolutionMs,
  storeComplaint,
} from "./complaint-list.ts";
import { chargeCost } from "./cost-to-serve.ts";
import { addDecayed, COMPLAINT_HALF_LIFE_MS } from "./decayed-sum.ts";
import type { Model } from "./model.ts";
import { setVoice, voiceOf } from "./optional-sums.ts";

/** One step of a complaint: a complaint counts once, from its first opening, until it is withdrawn. */
export function applyComplaint(profile: Profile, complaint: Complaint, at: number, model: Model): InputRefusal | null {
  const before = findComplaint(profile, complaint.complaintId);
  const after = afterStep(before, complaint, at);
  const gone = storeComplaint(profile, complaint.complaintId, after);
  profile.complaintsOpen += Number(isOpen(after)) - Number(isOpen(before)) - Number(isOpen(gone));
  if (resolutionMs(before) !== null || resolutionMs(after) !== null) {
    countResolution(profile, before, -1);
    countResolution(profile, after, 1);
  }
  if (complaint.kind === "OPENED") countComplaintCategory(profile, complaint.category);
  if (complaint.kind === "OPENED") chargeCost(profile, model.calendar.dayOf(at), model.costOf("COMPLAINT", null));

  const from = countsFrom(before);
  const to = countsFrom(after);
  if (from === to) return null;
  if (to !== null) add(profile, 1, to);
  if (from !== null) add(profile, -1, from);
  // Not a residue of 1e-17.
  if (profile.complaints === 0) profile.complaintsDecayed = 0;
  return null;
}

/** Adds the solution that stands to the sums, or takes it out. */
export function countResolution(profile: Profile, complaint: ComplaintState | null, sign: 1 | -1): void {
  const took = resolutionMs(complaint);
  if (took === null || complaint === null) return;
  const voice = voiceOf(profile);
  setVoice(profile, {
    resolved: voice.resolved + sign,
    resolutionMs: voice.resolutionMs + sign * took,
    judged: voice.judged + (complaint.satisfied === null ? 0 : sign),
    satisfied: voice.satisfied + (complaint.satisfied === true ? sign : 0),
  });
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

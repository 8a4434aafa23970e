import type { Profile } from "@tidemark/contracts";
import { complaintsOf, countsFrom, isOpen, openSince } from "../complaint-list.ts";
import { DAY_MS } from "../day-calendar.ts";
import type { Model } from "../model.ts";
import type { HazardTerm } from "./hazard-term.ts";

const HOUR_MS = 3_600_000;

/** While a complaint is open. */
export const COMPLAINT_OPEN: HazardTerm = {
  code: "COMPLAINT_OPEN",
  logit: ({ complaintsOpen }, _, { artefact }) => (complaintsOpen > 0 ? artefact.hazard.complaintOpen : 0),
  evidence: (profile, asOf) => ({
    open: profile.complaintsOpen,
    oldestDays: Math.max(0, asOf - Math.min(...openSinces(profile))) / DAY_MS,
  }),
};

/** While an open complaint has waited for longer than the installation promises. */
export const COMPLAINT_OVERDUE: HazardTerm = {
  code: "COMPLAINT_OVERDUE",
  logit(profile, asOf, { artefact, complaintSlaMs }) {
    const { complaintOverdue = 0 } = artefact.hazard;
    if (complaintOverdue === 0 || profile.complaintsOpen === 0) return 0;
    return overdueOf(profile, asOf, complaintSlaMs).length > 0 ? complaintOverdue : 0;
  },
  stepAt(profile, asOf, { artefact, complaintSlaMs }) {
    if (profile.complaintsOpen === 0 || (artefact.hazard.complaintOverdue ?? 0) === 0) return Infinity;
    const dues = openSinces(profile).map((since) => since + complaintSlaMs);
    // The first makes the term, the others change nothing.
    const first = Math.min(...dues);
    return first > asOf ? first : Infinity;
  },
  evidence(profile, asOf, { complaintSlaMs }) {
    return { overdue: overdueOf(profile, asOf, complaintSlaMs).length, promisedHours: complaintSlaMs / HOUR_MS };
  },
};

function overdueOf(profile: Profile, asOf: number, slaMs: number): number[] {
  return openSinces(profile).filter((since) => since + slaMs <= asOf);
}

function openSinces(profile: Profile): number[] {
  return complaintsOf(profile).filter(isOpen).map(openSince);
}

/** By the gravest complaint of late. */
export const COMPLAINT_SEVERITY: HazardTerm = {
  code: "COMPLAINT_SEVERITY",
  logit: (profile, asOf, model) => gravest(profile, asOf, model)?.logit ?? 0,
  stepAt: (profile, asOf, model) => gravest(profile, asOf, model)?.until ?? Infinity,
  evidence(profile, asOf, model) {
    const found = gravest(profile, asOf, model);
    return { severity: found?.severity ?? 0, agoDays: Math.max(0, asOf - (found?.openedAt ?? asOf)) / DAY_MS };
  },
};

/** How long a complaint's severity counts from its first opening. */
const SEVERITY_MS = 90 * DAY_MS;

interface GraveComplaint {
  readonly severity: number;
  readonly openedAt: number;
  readonly logit: number;
  /** When it counts no more. */
  readonly until: number;
}

/** The complaint with the greatest logit of those that count; of equal ones the newest. @returns null where none has one */
function gravest(profile: Profile, asOf: number, { artefact }: Model): GraveComplaint | null {
  const logits = artefact.hazard.complaintSeverity;
  if (logits === undefined || profile.complaints === 0) return null;
  let found: GraveComplaint | null = null;
  for (const complaint of complaintsOf(profile)) {
    const openedAt = countsFrom(complaint);
    const logit = logits[complaint.severity - 1] ?? 0;
    if (openedAt === null || logit === 0 || asOf >= openedAt + SEVERITY_MS) continue;
    const isGraver =
      found === null || logit > found.logit || (logit === found.logit && openedAt + SEVERITY_MS > found.until);
    if (isGraver) found = { severity: complaint.severity, openedAt, logit, until: openedAt + SEVERITY_MS };
  }
  return found;
}

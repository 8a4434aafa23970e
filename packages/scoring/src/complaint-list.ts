import type { Complaint, ComplaintKind, Profile } from "@tidemark/contracts";
import {
  FINGERPRINT_BYTES,
  findFingerprint,
  fingerprintOf,
  readFingerprint,
  textOf,
  writeFingerprint,
} from "./fingerprint.ts";

/** How many complaints are remembered by id. Beyond it the one whose newest step is oldest goes, closed ones first; an open one that goes counts as open no more. */
export const COMPLAINTS_MAX = 32;

/** What is known of one complaint, the same in whatever order its steps came. */
export interface ComplaintState {
  /** The newest step, and its time, ms. */
  readonly kind: ComplaintKind;
  readonly stepAt: number;
  /** The first opening known, ms; 0 = none known. */
  readonly openedAt: number;
  /** Of a newest step RESOLVED: whether the customer is content with the solution; null = not said. */
  readonly satisfied: boolean | null;
  /** The gravest that any of its steps says, 1 to 5; 0 = none says one. */
  readonly severity: number;
}

/** One step as an event tells it. */
export type ComplaintStepEvent = Pick<Complaint, "kind" | "satisfied" | "severity">;

/** The complaint after one more step. */
export function afterStep(before: ComplaintState | null, step: ComplaintStepEvent, at: number): ComplaintState {
  const { kind } = step;
  const satisfied = kind === "RESOLVED" ? step.satisfied : null;
  const opens = kind === "OPENED" || kind === "REOPENED";
  const severity = Math.max(before?.severity ?? 0, step.severity ?? 0);
  const openedBefore = before?.openedAt ?? 0;
  const openedAt = opens && (openedBefore === 0 || at < openedBefore) ? at : openedBefore;
  const isNewest =
    before === null ||
    at > before.stepAt ||
    (at === before.stepAt && rankOf(kind, satisfied) >= rankOf(before.kind, before.satisfied));
  return isNewest ? { kind, stepAt: at, openedAt, satisfied, severity } : { ...before, openedAt, severity };
}

/** Time from the first opening to the solution that stands, ms; null where there is none. */
export function resolutionMs(complaint: ComplaintState | null): number | null {
  return complaint === null || complaint.openedAt === 0 || complaint.kind !== "RESOLVED"
    ? null
    : Math.max(0, complaint.stepAt - complaint.openedAt);
}

/** Since when an open complaint has waited, ms: its first opening, or since it was opened again. */
export function openSince({ kind, stepAt, openedAt }: ComplaintState): number {
  return kind === "REOPENED" ? stepAt : openedAt;
}

export function isOpen(complaint: ComplaintState | null): boolean {
  return complaint !== null && (complaint.kind === "OPENED" || complaint.kind === "REOPENED");
}

/** Whether it counts among the complaints made: one that was withdrawn does not. */
export function countsFrom(complaint: ComplaintState | null): number | null {
  return complaint === null || complaint.openedAt === 0 || complaint.kind === "WITHDRAWN" ? null : complaint.openedAt;
}

export function findComplaint(profile: Profile, complaintId: string): ComplaintState | null {
  const start = findFingerprint(profile.complaintList, ENTRY_BYTES, fingerprintOf(complaintId));
  return start < 0 ? null : stateAt(profile.complaintList, start);
}

/** All that are remembered. */
export function complaintsOf({ complaintList }: Profile): ComplaintState[] {
  const complaints: ComplaintState[] = [];
  for (let start = 0; start < complaintList.length; start += ENTRY_BYTES) {
    complaints.push(stateAt(complaintList, start));
  }
  return complaints;
}

/** Open ones: the fingerprint of the id as text, and since when it is open, ms. */
export function openComplaints({
  complaintList,
}: Profile): { readonly subject: string; readonly since: number; readonly amountMinor: null }[] {
  const open = [];
  for (let start = 0; start < complaintList.length; start += ENTRY_BYTES) {
    const state = stateAt(complaintList, start);
    if (!isOpen(state)) continue;
    open.push({ subject: textOf(readFingerprint(complaintList, start)), since: openSince(state), amountMinor: null });
  }
  return open;
}

/** Keeps a complaint's state; @returns the one that had to go for it, if any. */
export function storeComplaint(
  profile: Profile,
  complaintId: string,
  complaint: ComplaintState,
): ComplaintState | null {
  const fingerprint = fingerprintOf(complaintId);
  let start = findFingerprint(profile.complaintList, ENTRY_BYTES, fingerprint);
  let gone: ComplaintState | null = null;
  if (start < 0) {
    let kept = profile.complaintList;
    if (kept.length >= COMPLAINTS_MAX * ENTRY_BYTES) {
      const leaver = startOfLeaver(kept);
      gone = stateAt(kept, leaver);
      kept = Buffer.concat([kept.subarray(0, leaver), kept.subarray(leaver + ENTRY_BYTES)]);
    }
    start = kept.length;
    const longer = Buffer.alloc(start + ENTRY_BYTES);
    kept.copy(longer);
    writeFingerprint(fingerprint, longer, start);
    profile.complaintList = longer;
  }
  const list = profile.complaintList;
  list.writeUIntLE(complaint.stepAt, start + STEP_AT, 6);
  list.writeUIntLE(complaint.openedAt, start + OPENED_AT, 6);
  list[start + KIND_AT] =
    KINDS.indexOf(complaint.kind) |
    (SATISFIED.indexOf(complaint.satisfied) << SATISFIED_SHIFT) |
    (complaint.severity << SEVERITY_SHIFT);
  return gone;
}

/** In the order in which steps of one instant count: the last of them stands. The index is what is stored. */
const KINDS: readonly ComplaintKind[] = ["UNKNOWN", "OPENED", "REOPENED", "RESOLVED", "WITHDRAWN"];

/** In the order in which solutions of one instant count. The index is what is stored, above the kind. */
const SATISFIED: readonly (boolean | null)[] = [null, true, false];
const KIND_MASK = 7;
const SATISFIED_SHIFT = 3;
const SATISFIED_MASK = 3;
/** Above both: 0 to 5 of the 3 bits that are left. */
const SEVERITY_SHIFT = 5;

function rankOf(kind: ComplaintKind, satisfied: boolean | null): number {
  return KINDS.indexOf(kind) * SATISFIED.length + SATISFIED.indexOf(satisfied);
}

const STEP_AT = FINGERPRINT_BYTES;
const OPENED_AT = STEP_AT + 6;
const KIND_AT = OPENED_AT + 6;
const ENTRY_BYTES = KIND_AT + 1;

export const COMPLAINT_LIST_BYTES_MAX = COMPLAINTS_MAX * ENTRY_BYTES;

function stateAt(list: Buffer, start: number): ComplaintState {
  const flags = list[start + KIND_AT] as number;
  return {
    kind: KINDS[flags & KIND_MASK] ?? "UNKNOWN",
    stepAt: list.readUIntLE(start + STEP_AT, 6),
    openedAt: list.readUIntLE(start + OPENED_AT, 6),
    satisfied: SATISFIED[(flags >> SATISFIED_SHIFT) & SATISFIED_MASK] ?? null,
    severity: flags >> SEVERITY_SHIFT,
  };
}

function startOfLeaver(list: Buffer): number {
  let leaver = 0;
  let best = stateAt(list, 0);
  for (let start = ENTRY_BYTES; start < list.length; start += ENTRY_BYTES) {
    const state = stateAt(list, start);
    const sooner = isOpen(state) === isOpen(best) ? state.stepAt < best.stepAt : isOpen(best);
    if (sooner) {
      leaver = start;
      best = state;
    }
  }
  return leaver;
}

import type { AlertKind, AlertStanding, Profile } from "@tidemark/contracts";
import { unpaidAccounts } from "../account-list.ts";
import { openComplaints } from "../complaint-list.ts";
import type { Watch } from "../due/watch.ts";
import type { Model } from "../model.ts";
import { type AlertMoment, clear, coolUntil, findAlert, raise } from "./standing-alerts.ts";

/** Something that is open and has a deadline. */
interface OpenMatter {
  /** As an alert says it. */
  readonly subject: string;
  /** When it was opened or due, ms. */
  readonly since: number;
  readonly amountMinor: number | null;
}

type OverdueTerms = Pick<Model, "alerts" | "complaintSlaMs">;

/** Complaints that are open, and payments that are owed, beyond their deadline. Cleared when they are no longer open. */
export function judgeOverdueAlerts(profile: Profile, moment: AlertMoment, model: OverdueTerms): void {
  for (const kind of OVERDUE_KINDS) {
    const coolDownMs = model.alerts.coolDownMs[kind];
    const mayStand = profile.alerts.length > 0;
    const matters = coolDownMs === null ? NO_MATTERS : openMatters(profile, kind);
    if (matters.length === 0 && !mayStand) continue;
    for (const alert of profile.alerts) {
      const isGone = alert.kind === kind && !alert.cleared && !matters.some(({ subject }) => subject === alert.subject);
      if (isGone) clear(profile, alert, moment);
    }
    for (const { subject, since, amountMinor } of matters) {
      if (moment.asOf < since + graceMsOf(kind, model)) continue;
      raise(profile, { kind, subject, band: null, since, amountMinor }, moment, coolDownMs ?? 0);
    }
  }
}

export function watchOverdueAlerts(watch: Watch, profile: Profile, model: OverdueTerms): void {
  for (const kind of OVERDUE_KINDS) {
    const coolDownMs = model.alerts.coolDownMs[kind];
    if (coolDownMs === null) continue;
    for (const { subject, since } of openMatters(profile, kind)) {
      const before: AlertStanding | null = profile.alerts.length === 0 ? null : findAlert(profile, kind, subject, null);
      // One that has no place waits for an event that makes it (S3).
      if (before?.cleared !== false) watch.at(Math.max(since + graceMsOf(kind, model), coolUntil(before, coolDownMs)));
    }
  }
}

type OverdueKind = Extract<AlertKind, "COMPLAINT_OVERDUE" | "PAYMENT_OVERDUE">;

const OVERDUE_KINDS: readonly OverdueKind[] = ["COMPLAINT_OVERDUE", "PAYMENT_OVERDUE"];
const NO_MATTERS: readonly OpenMatter[] = [];

function openMatters(profile: Profile, kind: OverdueKind): readonly OpenMatter[] {
  if (kind === "COMPLAINT_OVERDUE") return profile.complaintsOpen === 0 ? NO_MATTERS : openComplaints(profile);
  return profile.accounts.length === 0 ? NO_MATTERS : unpaidAccounts(profile);
}

function graceMsOf(kind: OverdueKind, { complaintSlaMs, alerts: { paymentGraceMs } }: OverdueTerms): number {
  return kind === "COMPLAINT_OVERDUE" ? complaintSlaMs : paymentGraceMs;
}

import type { AlertKind, AlertStanding, Profile } from "@tidemark/contracts";

/**
 * The alerts of a customer that stand, and those whose cool-down is not over. Owns `Profile.alerts`.
 *
 * S1 An alert is one of its kind, subject and band: while it stands, no other such is raised.
 * S2 A cleared one stays until its cool-down is over or its place is needed, and keeps others of its kind, subject and band away.
 * S3 Of one kind there are at most {@link SUBJECTS_MAX}: cleared ones leave first, and while so many stand no other of the kind is
 *    raised. It is raised once one of them is cleared, if its cause is still there.
 */
export interface AlertChange {
  readonly kind: AlertKind;
  readonly state: "RAISED" | "CLEARED";
  /** Empty = none. */
  readonly subject: string;
  readonly band: number | null;
  /** Version of the score that raised it. */
  readonly raisedVersion: number;
  /** When the cause began, ms, and its amount, minor units; null = not known, or none. */
  readonly since: number | null;
  readonly amountMinor: number | null;
}

/** What an alert is about. */
export interface AlertCause {
  readonly kind: AlertKind;
  readonly subject: string;
  readonly band: number | null;
  readonly since: number | null;
  readonly amountMinor: number | null;
}

/** One judgement: its instant, and what it finds. */
export interface AlertMoment {
  readonly asOf: number;
  /** Of the score that brings what is raised now. */
  readonly version: number;
  /** In the order found; a list is made only where there is something to tell. */
  changes: AlertChange[] | null;
}

/** How many alerts of one kind are kept. */
export const SUBJECTS_MAX = 6;

export function findAlert(
  { alerts }: Profile,
  kind: AlertKind,
  subject: string,
  band: number | null,
): AlertStanding | null {
  for (const alert of alerts) {
    if (alert.kind === kind && alert.subject === subject && alert.band === band) return alert;
  }
  return null;
}

/** The end of the cool-down that keeps an alert away, ms; 0 = none does. */
export function coolUntil(before: AlertStanding | null, coolDownMs: number): number {
  return before === null || !before.cleared ? 0 : before.raisedAt + coolDownMs;
}

/**
 * Raises an alert unless one such stands or cools down, or there is no place for it.
 * @returns whether it was raised
 */
export function raise(profile: Profile, cause: AlertCause, moment: AlertMoment, coolDownMs: number): boolean {
  const { asOf, version } = moment;
  const { kind, subject, band, since, amountMinor } = cause;
  const before = findAlert(profile, kind, subject, band);
  if (before !== null && (!before.cleared || asOf < coolUntil(before, coolDownMs))) return false;
  const others = profile.alerts.filter((alert) => alert !== before);
  const ofKind = others.filter((alert) => alert.kind === kind);
  if (ofKind.length >= SUBJECTS_MAX) {
    const leaver = ofKind.find(({ cleared }) => cleared);
    if (leaver === undefined) return false;
    others.splice(others.indexOf(leaver), 1);
  }
  profile.alerts = [...others, { kind, subject, band, raisedAt: asOf, version, cleared: false }];
  note(moment, { kind, state: "RAISED", subject, band, raisedVersion: version, since, amountMinor });
  return true;
}

/** Clears an alert that stands. */
export function clear(profile: Profile, alert: AlertStanding, moment: AlertMoment): void {
  const { kind, subject, band, version } = alert;
  profile.alerts = profile.alerts.map((other) => (other === alert ? { ...alert, cleared: true } : other));
  note(moment, { kind, state: "CLEARED", subject, band, raisedVersion: version, since: null, amountMinor: null });
}

/** Takes out those whose cool-down is over. */
export function forgetCooled(
  profile: Profile,
  asOf: number,
  coolDownMs: Readonly<Record<AlertKind, number | null>>,
): void {
  const isOver = ({ kind, cleared, raisedAt }: AlertStanding): boolean =>
    cleared && asOf >= raisedAt + (coolDownMs[kind] ?? 0);
  if (profile.alerts.some(isOver)) profile.alerts = profile.alerts.filter((alert) => !isOver(alert));
}

function note(moment: AlertMoment, change: AlertChange): void {
  if (moment.changes === null) moment.changes = [change];
  else moment.changes.push(change);
}

import type { Profile } from "@tidemark/contracts";
import { type Account, accountsOf, owedMinor } from "../account-list.ts";
import { DAY_MS } from "../day-calendar.ts";
import type { Model } from "../model.ts";
import { type DecayedStep, NO_STEP } from "./decayed-step.ts";
import type { HazardTerm } from "./hazard-term.ts";

/** While an order on account is not paid though its due time has passed. */
export const PAYMENT_OVERDUE: HazardTerm = {
  code: "PAYMENT_OVERDUE",
  logit(profile, asOf, { artefact }) {
    const { paymentOverdue = 0 } = artefact.hazard;
    if (paymentOverdue === 0 || profile.accounts.length === 0) return 0;
    return overdueOf(profile, asOf).length > 0 ? paymentOverdue : 0;
  },
  stepAt(profile, asOf, { artefact }) {
    if (profile.accounts.length === 0 || (artefact.hazard.paymentOverdue ?? 0) === 0) return Infinity;
    let first = Infinity;
    for (const account of accountsOf(profile)) {
      if (owedMinor(account) > 0) first = Math.min(first, overdueFrom(account));
    }
    // The first makes the term, the others change nothing.
    return first > asOf ? first : Infinity;
  },
  evidence(profile, asOf) {
    const overdue = overdueOf(profile, asOf);
    return {
      overdue: overdue.length,
      overdueDays: (asOf - Math.min(...overdue.map(({ dueAt }) => dueAt))) / DAY_MS,
      overdueMinor: overdue.reduce((sum, account) => sum + owedMinor(account), 0),
    };
  },
};

/** At the due time itself an order is not overdue yet. */
function overdueFrom({ dueAt }: Account): number {
  return dueAt + 1;
}

function overdueOf(profile: Profile, asOf: number): Account[] {
  return accountsOf(profile).filter((account) => owedMinor(account) > 0 && overdueFrom(account) <= asOf);
}

/** By the number of orders on account that were paid late, of late. */
export const PAYMENTS_LATE: HazardTerm = {
  code: "PAYMENTS_LATE",
  logit: (profile, asOf, model) => lateStep(profile, asOf, model).logit,
  stepAt: (profile, asOf, model) => lateStep(profile, asOf, model).until,
  evidence: (profile, asOf) => ({ late: lateUntil(profile, asOf).length, withinDays: LATE_MS / DAY_MS }),
};

/** How long a late payment counts. */
const LATE_MS = 180 * DAY_MS;

/** The instants at which late payments count no more, oldest first, of those that still do. */
function lateUntil(profile: Profile, asOf: number): number[] {
  return accountsOf(profile)
    .filter((account) => owedMinor(account) === 0 && account.paidAt > account.dueAt)
    .map(({ paidAt }) => paidAt + LATE_MS)
    .filter((until) => until > asOf)
    .toSorted((a, b) => a - b);
}

function lateStep(profile: Profile, asOf: number, { artefact }: Model): DecayedStep {
  const { latePaymentSteps } = artefact.hazard;
  if (latePaymentSteps === undefined || profile.accounts.length === 0) return NO_STEP;
  const untils = lateUntil(profile, asOf);
  const step = latePaymentSteps.findLast(({ from }) => untils.length >= from);
  if (step === undefined) return NO_STEP;
  // It is left when one fewer than it takes are left.
  return { logit: step.logit, until: untils[untils.length - Math.ceil(step.from)] ?? Infinity };
}

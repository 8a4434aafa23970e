import { contractOf, isRunning, nextRenewal } from "../contract.ts";
import { DAY_MS } from "../day-calendar.ts";
import { REVIEWS } from "../feedback-list.ts";
import { type CustomerView, interactionsOf } from "./customer-view.ts";
import { type Indicator, ratio } from "./indicator.ts";
import { firstEventDay } from "./span-sums.ts";

/** Whether the customer stays, comes back and brings others. */
export const LOYALTY: readonly Indicator[] = [
  {
    name: "repeatRate",
    steady: true,
    family: "loyalty",
    unit: "share",
    better: "higher",
    needs: ["purchases"],
    doc: "Repeat purchase days among all purchase days.",
    value: ({ profile }) => ratio(profile.purchaseDays - 1, profile.purchaseDays),
  },
  {
    name: "renewalRate",
    family: "loyalty",
    unit: "share",
    better: "higher",
    needs: ["contracts"],
    doc: "Renewals among the times a contract could be renewed: renewals, terminations, and the contract's end where it has run out since.",
    value: renewalRate,
  },
  {
    name: "contractDaysLeft",
    family: "loyalty",
    unit: "days",
    better: "higher",
    needs: ["contracts", "customer"],
    doc: "Days to the next renewal of the contract by which churn is told; below 0 where it is over.",
    value: contractDaysLeft,
  },
  {
    name: "referrals",
    steady: true,
    family: "loyalty",
    unit: "count",
    better: "higher",
    needs: ["referrals"],
    doc: "Referrals, converted or not; unknown if none ever came.",
    value: (view) => interactionsOf(view, "REFERRAL") || null,
  },
  {
    name: "referralConversion",
    steady: true,
    family: "loyalty",
    unit: "share",
    better: "higher",
    needs: ["referrals"],
    doc: "Referrals that converted among all.",
    value: (view) => ratio(view.voice.referralsConverted, interactionsOf(view, "REFERRAL")),
  },
  {
    name: "wordOfMouth",
    steady: true,
    family: "loyalty",
    unit: "ratio",
    better: "higher",
    needs: ["reviews"],
    doc: "Mean sentiment of reviews, −1 (hostile) to 1 (delighted), each halved every 180 days.",
    value: ({ opinions }) => {
      const mean = opinions.get(REVIEWS)?.mean;
      return mean === undefined ? null : 2 * mean - 1;
    },
  },
  {
    name: "npsClass",
    steady: true,
    family: "loyalty",
    unit: "level",
    better: "higher",
    needs: ["feedback"],
    doc: "Class of the newest rating on the NPS scale: 1 = promoter (9, 10), 0 = passive (7, 8), −1 = detractor.",
    value: ({ voice }) => (voice.npsAt === 0 ? null : voice.nps >= 9 ? 1 : voice.nps >= 7 ? 0 : -1),
  },
  {
    name: "trust",
    steady: true,
    family: "loyalty",
    unit: "share",
    better: "higher",
    needs: ["feedback"],
    doc: "Mean rating of the dimension trust, 0 to 1, each halved every 180 days.",
    value: ({ opinions }) => opinions.get("trust")?.mean ?? null,
  },
  {
    name: "membership",
    steady: true,
    family: "loyalty",
    unit: "flag",
    better: "higher",
    needs: ["memberships"],
    doc: "Whether the customer has joined a programme; unknown if no membership ever came.",
    value: (view) => (interactionsOf(view, "MEMBERSHIP") > 0 ? 1 : null),
  },
  {
    name: "relationshipDays",
    family: "loyalty",
    unit: "days",
    better: "higher",
    needs: ["purchases", "interactions"],
    doc: "Length of the relationship: local days since the day of the first event.",
    value: ({ profile, model, today }) =>
      profile.lastEventAt === 0 ? null : Math.max(0, today - firstEventDay(profile, model)),
  },
];

/** Of the same contract as churn, so that the two never contradict each other. */
function contractDaysLeft({ profile, model, asOf }: CustomerView): number | null {
  const contract = contractOf(profile, model.renewals);
  if (contract === null) return null;
  const at = isRunning(contract, asOf) ? nextRenewal(contract, asOf).at : contract.endsAt;
  return (at - asOf) / DAY_MS;
}

function renewalRate(view: CustomerView): number | null {
  const renewals = interactionsOf(view, "RENEW");
  const contract = contractOf(view.profile, view.model.renewals);
  const hasRunOut = contract !== null && !contract.isEnded && !isRunning(contract, view.asOf);
  return ratio(renewals, renewals + interactionsOf(view, "UNSUBSCRIBE") + Number(hasRunOut));
}

import { interactionIndex } from "../apply-interaction.ts";
import { interactionsOf } from "./customer-view.ts";
import { type Indicator, ratio } from "./indicator.ts";

/** Whether the customer stays, comes back and brings others. */
export const LOYALTY: readonly Indicator[] = [
  {
    name: "repeatRate",
    family: "loyalty",
    unit: "share",
    better: "higher",
    needs: ["purchases"],
    doc: "Repeat purchase days among all purchase days.",
    value: ({ profile }) => ratio(profile.purchaseDays - 1, profile.purchaseDays),
  },
  {
    name: "referrals",
    family: "loyalty",
    unit: "count",
    better: "higher",
    needs: ["referrals"],
    doc: "People referred, converted or not; unknown if none ever came.",
    value: (view) => interactionsOf(view, interactionIndex("REFERRAL")) || null,
  },
];

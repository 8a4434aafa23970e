import { interactionIndex } from "../apply-interaction.ts";
import { interactionsOf } from "./customer-view.ts";
import { type Indicator, ratio } from "./indicator.ts";

/** What the customer says, and how it is answered. */
export const SATISFACTION: readonly Indicator[] = [
  {
    name: "complaintRate",
    family: "satisfaction",
    unit: "ratio",
    better: "lower",
    needs: ["purchases", "complaints"],
    doc: "Complaints, those withdrawn excluded, to orders.",
    value: ({ profile }) => ratio(profile.complaints, profile.purchases),
  },
  {
    name: "openComplaints",
    family: "satisfaction",
    unit: "count",
    better: "lower",
    needs: ["complaints"],
    doc: "Complaints that are open now; 0 = none came that still is.",
    value: ({ profile }) => (profile.lastEventAt === 0 ? null : profile.complaintsOpen),
  },
  {
    name: "suggestions",
    family: "satisfaction",
    unit: "count",
    better: "higher",
    needs: ["interactions"],
    doc: "Suggestions made; unknown if none ever came.",
    value: (view) => interactionsOf(view, interactionIndex("SUGGESTION")) || null,
  },
];

import { DAY_MS } from "../day-calendar.ts";
import { WHOLE_CSAT, WHOLE_NPS } from "../feedback-list.ts";
import { type CustomerView, interactionsOf } from "./customer-view.ts";
import { type Indicator, ratio } from "./indicator.ts";

/** The five dimensions of Parasuraman, Zeithaml & Berry 1988, as feedback events name them. */
const SERVQUAL = ["tangibles", "reliability", "responsiveness", "assurance", "empathy"] as const;

/** The dimensions of perceived value, as feedback events name them. */
const PERCEIVED = ["functional", "emotional", "social", "service", "price", "relationship", "personalisation"] as const;

/** What the customer says, and how it is answered. */
export const SATISFACTION: readonly Indicator[] = [
  {
    name: "csat",
    steady: true,
    family: "satisfaction",
    unit: "level",
    better: "higher",
    needs: ["feedback"],
    doc: "Mean rating of the whole on the CSAT scale, 1 to 5, each halved every 180 days.",
    value: ({ opinions }) => {
      const mean = opinions.get(WHOLE_CSAT)?.mean;
      return mean === undefined ? null : 1 + 4 * mean;
    },
  },
  {
    name: "nps",
    steady: true,
    family: "satisfaction",
    unit: "level",
    better: "higher",
    needs: ["feedback"],
    doc: "Mean rating of the whole on the NPS scale, 0 to 10, each halved every 180 days.",
    value: ({ opinions }) => {
      const mean = opinions.get(WHOLE_NPS)?.mean;
      return mean === undefined ? null : 10 * mean;
    },
  },
  {
    name: "perceivedValue",
    steady: true,
    family: "satisfaction",
    unit: "share",
    better: "higher",
    needs: ["feedback"],
    doc: "Mean of the dimensions of perceived value that were rated, 0 to 1.",
    value: (view) => meanOf(PERCEIVED.map((dimension) => perceived(view, dimension))),
  },
  ...PERCEIVED.map((dimension): Indicator => {
    return {
      name: `perceived${capital(dimension)}`,
      steady: true,
      family: "satisfaction",
      unit: "share",
      better: "higher",
      needs: ["feedback"],
      doc: `Mean rating of the dimension ${dimension}, 0 to 1, each halved every 180 days.`,
      value: (view) => perceived(view, dimension),
    };
  }),
  {
    name: "servqualGap",
    steady: true,
    family: "satisfaction",
    unit: "ratio",
    better: "higher",
    needs: ["feedback"],
    doc: "Mean of the SERVQUAL gaps that are known: perceived less expected, −1 to 1.",
    value: (view) => meanOf(SERVQUAL.map((dimension) => gap(view, dimension))),
  },
  ...SERVQUAL.map((dimension): Indicator => {
    return {
      name: `servqual${capital(dimension)}`,
      steady: true,
      family: "satisfaction",
      unit: "ratio",
      better: "higher",
      needs: ["feedback"],
      doc: `Perceived less expected ${dimension}, −1 to 1, each halved every 180 days.`,
      value: (view) => gap(view, dimension),
    };
  }),
  {
    name: "complaintRate",
    steady: true,
    family: "satisfaction",
    unit: "ratio",
    better: "lower",
    needs: ["purchases", "complaints"],
    doc: "Complaints, those withdrawn excluded, to orders.",
    value: ({ profile }) => ratio(profile.complaints, profile.purchases),
  },
  {
    name: "openComplaints",
    steady: true,
    family: "satisfaction",
    unit: "count",
    better: "lower",
    needs: ["complaints"],
    doc: "Complaints that are open now; 0 = none came that still is.",
    value: ({ profile }) => (profile.lastEventAt === 0 ? null : profile.complaintsOpen),
  },
  {
    name: "resolutionRate",
    steady: true,
    family: "satisfaction",
    unit: "share",
    better: "higher",
    needs: ["complaints"],
    doc: "Complaints that stand resolved among those made, those withdrawn excluded.",
    value: ({ profile, voice }) => ratio(voice.resolved, profile.complaints),
  },
  {
    name: "resolutionDays",
    steady: true,
    family: "satisfaction",
    unit: "days",
    better: "lower",
    needs: ["complaints"],
    doc: "Mean time from the first opening of a complaint to the solution that stands.",
    value: ({ voice }) => ratio(voice.resolutionMs / DAY_MS, voice.resolved),
  },
  {
    name: "satisfiedAfterResolution",
    steady: true,
    family: "satisfaction",
    unit: "share",
    better: "higher",
    needs: ["complaints"],
    doc: "Resolved complaints whose solution satisfied among those whose customer was asked.",
    value: ({ voice }) => ratio(voice.satisfied, voice.judged),
  },
  {
    name: "responseHours",
    steady: true,
    family: "satisfaction",
    unit: "hours",
    better: "lower",
    needs: ["support"],
    doc: "Mean time from a support request to the first answer, of those answered.",
    value: ({ voice }) => ratio(voice.responseMs / 3_600_000, voice.responses),
  },
  {
    name: "suggestions",
    steady: true,
    family: "satisfaction",
    unit: "count",
    better: "higher",
    needs: ["interactions"],
    doc: "Suggestions made; unknown if none ever came.",
    value: (view) => interactionsOf(view, "SUGGESTION") || null,
  },
];

function perceived({ opinions }: CustomerView, dimension: string): number | null {
  return opinions.get(dimension)?.mean ?? null;
}

function gap({ opinions }: CustomerView, dimension: string): number | null {
  return opinions.get(dimension)?.gap ?? null;
}

function meanOf(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return ratio(
    known.reduce((sum, value) => sum + value, 0),
    known.length,
  );
}

function capital(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}

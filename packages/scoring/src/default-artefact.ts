import { type Artefact, COMPLAINT_SLA_HOURS, DEFAULT_RENEWALS, MODEL_WORD_BYTES_MAX, modelHash } from "./artefact.ts";
import { boundedName } from "./name-table.ts";

/** What an installation may set beside the fitted parameters. */
export interface ArtefactOverrides {
  readonly currency?: string;
  readonly timeZone?: string;
  readonly churnHorizonDays?: number;
  readonly valueHorizonDays?: number;
  readonly discountRate?: number;
  readonly complaintSlaHours?: number;
  readonly rates?: Readonly<Record<string, number>>;
}

/** The default parameters: fitted to nobody's data here. */
export function defaultArtefact(overrides: ArtefactOverrides = {}): Artefact {
  return overriddenArtefact(DEFAULT, overrides);
}

/** An artefact with something overridden; its version says so then, since the content of a version never changes. */
export function overriddenArtefact(artefact: Artefact, overrides: ArtefactOverrides): Artefact {
  const overridden = { ...artefact, ...overrides };
  const hash = modelHash(overridden);
  if (hash === modelHash(artefact)) return artefact;
  const suffix = `+${hash.slice(0, 12)}`;
  // Cut where it is long, so that the whole is within its bound: the hash is of all of it.
  return { ...overridden, version: boundedName(artefact.version, MODEL_WORD_BYTES_MAX - suffix.length) + suffix };
}

const DEFAULT: Artefact = {
  name: "default",
  version: "2",
  fitted: false,
  currency: "USD",
  timeZone: "UTC",
  timeUnitDays: 7,
  // Published fits of the CDNOW sample (Batislam et al. 2007; Fader & Hardie 2013).
  purchases: { r: 0.5248432, alpha: 6.1830863, a: 0.8913592, b: 1.6140018 },
  spend: { p: 6.24957, q: 3.74422, v: 15.44353 },
  // As in Fader, Hardie & Lee's "RFM and CLV" for the same shop.
  marginRate: 0.3,
  discountRate: 0.1,
  churnHorizonDays: 90,
  valueHorizonDays: 365,
  // Public contractual data: complaining takes churn from 10 % to 83 % (telecom, logit +3.8) or from 10.9 % to 31.7 %
  // (e-commerce, +1.33); 0 to 3 service calls 11 %, four 44 % (telecom, +1.85). The effect is a threshold, so the
  // complaints are binned. An open fresh complaint gives the e-commerce figure, .33 + 1.00; four recent ones
  // the calls' 1.85 on top of what is still open. Contracts leave louder than shops, hence the cautious set.
  // Engagement has no such source: an active visitor (decayed sum 10) is a logit of .7 safer.
  hazard: {
    intercept: 0,
    complaintOpen: 0.33,
    complaintSteps: [
      { from: 0.5, logit: 1 },
      { from: 3.5, logit: 1.85 },
    ],
    engagement: -0.3,
    // Half of what the fourth service call goes with, since the support that an installation records is not all trouble.
    supportSteps: [{ from: 3.5, logit: 0.9 }],
    // None of these has a source: each is small beside a complaint, so that several must come together.
    complaintOverdue: 0.3,
    complaintSeverity: [0, 0, 0, 0.3, 0.6],
    activityFall: 0.2,
    lowRatingSteps: [
      { from: 0.5, logit: 0.3 },
      { from: 1.5, logit: 0.5 },
    ],
    hostilitySteps: [{ from: 0.25, logit: 0.3 }],
    paymentOverdue: 0.3,
    latePaymentSteps: [{ from: 2, logit: 0.2 }],
    spendFall: 0.2,
    contractEnded: 0.7,
  },
  complaintSlaHours: COMPLAINT_SLA_HOURS,
  renewals: DEFAULT_RENEWALS,
  // Set so that the customers of the CDNOW sample split 2, 8, 16, 31 and 44 % at the end of its calibration.
  tiers: {
    thresholds: [
      { tier: "OPTIMISATION", fromMajor: 0 },
      { tier: "DEVELOPMENT", fromMajor: 2.5 },
      { tier: "SILVER", fromMajor: 6 },
      { tier: "GOLD", fromMajor: 20 },
      { tier: "PLATINUM", fromMajor: 60 },
    ],
    band: 0.1,
    dwellDays: 14,
  },
  rates: {},
};

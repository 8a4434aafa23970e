import { contractOf, isRunning, overEvidence } from "../contract.ts";
import type { HazardTerm } from "./hazard-term.ts";

/** Of a customer who buys and had a contract: once it is over. Without purchases churn itself says so. */
export const CONTRACT_ENDED: HazardTerm = {
  code: "CONTRACT_ENDED",
  logit(profile, asOf, { artefact, renewals }) {
    const { contractEnded = 0 } = artefact.hazard;
    if (contractEnded === 0 || profile.purchaseDays === 0) return 0;
    const contract = contractOf(profile, renewals);
    return contract === null || isRunning(contract, asOf) ? 0 : contractEnded;
  },
  // It begins where the contract ends, which is a step of the valuation itself.
  evidence(profile, asOf, { renewals }) {
    const contract = contractOf(profile, renewals);
    return contract === null ? {} : overEvidence(contract, asOf);
  },
};

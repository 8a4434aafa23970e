/** What a decayed sum adds to the churn logit: the last step that it reaches holds, below the first there is none. Ascending. */
export type HazardSteps = readonly { readonly from: number; readonly logit: number }[];

export interface DecayedStep {
  readonly logit: number;
  /** The first ms at which the sum has fallen below this step; Infinity where there is none. */
  readonly until: number;
}

/**
 * The step that a decayed sum stands on. It is decided by comparing instants, not decayed sums, so that the instant at which a step is
 * left is exact to the ms: a timer set to it finds it left.
 * @param sum as of `sumAt`, ms
 */
export function decayedStep(
  sum: number,
  sumAt: number,
  halfLifeMs: number,
  asOf: number,
  steps: HazardSteps,
): DecayedStep {
  if (sum <= 0) return NO_STEP;
  for (let i = steps.length - 1; i >= 0; i--) {
    const step = steps[i];
    if (step === undefined || sum < step.from) continue;
    const until = Math.ceil(sumAt + halfLifeMs * Math.log2(sum / step.from));
    if (asOf < until) return { logit: step.logit, until };
  }
  return NO_STEP;
}

export const NO_STEP: DecayedStep = { logit: 0, until: Infinity };

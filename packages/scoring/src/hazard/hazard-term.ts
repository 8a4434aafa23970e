import type { Profile, Reason } from "@tidemark/contracts";
import type { Model } from "../model.ts";

/**
 * One term of the churn logit beside silence. All are functions of (profile, asOf, model).
 *
 * H1 Between two of its steps, while no event happens, a term moves one way in time, or not at all. So over an interval without a step it
 *    lies between its values at the ends, whatever the other terms do.
 * H2 The instant of a step is exact to the ms and decided by comparing instants: the term as of it is already the next one, as of the ms
 *    before it is not.
 */
export interface HazardTerm {
  /** Of the reason that tells it. */
  readonly code: string;
  /** Share of the churn logit; 0 where nothing speaks for it. */
  readonly logit: (profile: Profile, asOf: number, model: Model) => number;
  /** The next instant at which it may jump though nothing happens, ms; Infinity = none. Absent: it never jumps. */
  readonly stepAt?: (profile: Profile, asOf: number, model: Model) => number;
  /** What it rests on, where it is not 0; each name carries its unit. */
  readonly evidence: (profile: Profile, asOf: number, model: Model) => Reason["params"];
}

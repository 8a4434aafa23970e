import { requireBinary, requireLength, requireProbabilities } from "../requirements.ts";

/**
 * Mean of −ln of the probability given to what happened, in nats. Good, JRSS B 14 (1952), 107–114. Infinity where what happened
 * had been given none: no silent clipping, a caller who wants it clips.
 *
 * @param outcomes 0 or 1
 * @param probabilities of a 1
 * @throws InvalidInput EMPTY, LENGTHS_DIFFER, NOT_FINITE, NOT_BINARY, NOT_PROBABILITY
 */
export function logLoss(outcomes: ArrayLike<number>, probabilities: ArrayLike<number>): number {
  requireBinary("outcomes", outcomes);
  requireProbabilities("probabilities", probabilities);
  requireLength("probabilities", probabilities, outcomes.length);
  let total = 0;
  for (let i = 0; i < outcomes.length; i++) {
    const p = probabilities[i] as number;
    total -= outcomes[i] === 1 ? Math.log(p) : Math.log1p(-p);
  }
  return total / outcomes.length;
}

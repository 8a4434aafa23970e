import type { Objective } from "./maximise.ts";
import { type DropoutIntegral, dropoutIntegral } from "./pareto-dropout.ts";
import type { GroupedHistories } from "./purchase-histories.ts";
import { digamma, logGamma } from "./special-functions.ts";

/**
 * ln L of the Pareto/NBD over grouped histories and its gradient, at (ln r, ln α, ln s, ln β). The derivatives are taken under the integral,
 * at the nodes that give its value; linear in distinct histories.
 */
export function paretoLikelihood(data: GroupedHistories): Objective {
  const { xs, xCounts, txs, Ts, xIndex, txIndex, TIndex, counts, customers } = data;
  const logAlphas = new Float64Array(txs.length);
  const logBetas = new Float64Array(txs.length);
  const integral: DropoutIntegral = { value: 0, logAlpha: 0, logBeta: 0, perAlpha: 0, perBeta: 0 };

  return (at, gradient) => {
    const [r = NaN, alpha = NaN, s = NaN, beta = NaN] = at.map(Math.exp);
    for (let i = 0; i < txs.length; i++) {
      logAlphas[i] = Math.log(alpha + (txs[i] as number));
      logBetas[i] = Math.log(beta + (txs[i] as number));
    }
    let total = customers * (r * Math.log(alpha) + s * Math.log(beta) - logGamma(r));
    let byR = customers * (Math.log(alpha) - digamma(r));
    let byAlpha = (customers * r) / alpha;
    let byS = customers * Math.log(beta);
    let byBeta = (customers * s) / beta;
    for (let i = 0; i < xs.length; i++) {
      const count = xCounts[i] as number;
      total += count * logGamma(r + (xs[i] as number));
      byR += count * digamma(r + (xs[i] as number));
    }
    for (let i = 0; i < counts.length; i++) {
      const txAt = txIndex[i] as number;
      const count = counts[i] as number;
      const tx = txs[txAt] as number;
      const T = Ts[TIndex[i] as number] as number;
      const A = r + (xs[xIndex[i] as number] as number);
      const logAlpha = Math.log1p((T - tx) / (alpha + tx));
      const logBeta = Math.log1p((T - tx) / (beta + tx));
      const there = Math.exp(-A * logAlpha - s * logBeta);
      dropoutIntegral(A, alpha, s, beta, tx, T, integral);
      const both = there + s * integral.value;
      const fromAlpha = logAlphas[txAt] as number;
      const fromBeta = logBetas[txAt] as number;
      total += count * (Math.log(both) - A * fromAlpha - s * fromBeta);
      byR -= count * (fromAlpha + (there * logAlpha + s * integral.logAlpha) / both);
      byS += count * ((integral.value - there * logBeta - s * integral.logBeta) / both - fromBeta);
      byAlpha -= (count * A * (there / (alpha + T) + s * integral.perAlpha)) / both;
      byBeta -= (count * s * (there / (beta + T) + (s + 1) * integral.perBeta)) / both;
    }
    gradient[0] = byR * r;
    gradient[1] = byAlpha * alpha;
    gradient[2] = byS * s;
    gradient[3] = byBeta * beta;
    return total;
  };
}

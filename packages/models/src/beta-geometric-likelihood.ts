import type { ChancesAtStart } from "./cnbd-k.ts";
import type { Objective } from "./maximise.ts";
import type { GroupedHistories } from "./purchase-histories.ts";
import { digamma, logGamma } from "./special-functions.ts";

/**
 * ln L of (M)BG/CNBD-k over grouped histories and its gradient, at (ln r, ln α, ln a, ln b). Gamma functions are computed once a distinct x,
 * logarithms once a distinct time; linear in distinct histories.
 */
export function betaGeometricLikelihood(data: GroupedHistories, k: number, chances: ChancesAtStart): Objective {
  const { xs, xCounts, txs, Ts, xIndex, txIndex, TIndex, counts, customers } = data;
  const constant =
    k === 1 ? 0 : (k - 1) * data.logGaps - logGamma(k) * xs.reduce((sum, x, i) => sum + x * (xCounts[i] ?? 0), 0);
  const logRecency = new Float64Array(txs.length);
  const logAge = new Float64Array(Ts.length);
  const logOdds = new Float64Array(xs.length);

  return (at, gradient) => {
    const [r = NaN, alpha = NaN, a = NaN, b = NaN] = at.map(Math.exp);
    for (let i = 0; i < txs.length; i++) logRecency[i] = Math.log(alpha + (txs[i] as number));
    for (let i = 0; i < Ts.length; i++) logAge[i] = Math.log(alpha + (Ts[i] as number));
    let total = constant + customers * (r * Math.log(alpha) - logGamma(r) + logGamma(a + b) - logGamma(b));
    let byR = customers * (Math.log(alpha) - digamma(r));
    let byAlpha = (customers * r) / alpha;
    const psiSum = digamma(a + b);
    let byA = customers * psiSum;
    let byB = customers * (psiSum - digamma(b));
    for (let i = 0; i < xs.length; i++) {
      const x = xs[i] as number;
      const count = xCounts[i] as number;
      const stays = b + x + chances;
      total += count * (logGamma(r + k * x) + logGamma(stays) - logGamma(a + stays));
      byR += count * digamma(r + k * x);
      const psiAll = digamma(a + stays);
      byA -= count * psiAll;
      byB += count * (digamma(stays) - psiAll);
      logOdds[i] = x + chances === 0 ? -Infinity : Math.log(a / (stays - 1));
    }
    for (let i = 0; i < counts.length; i++) {
      const xAt = xIndex[i] as number;
      const txAt = txIndex[i] as number;
      const TAt = TIndex[i] as number;
      const count = counts[i] as number;
      const x = xs[xAt] as number;
      const tx = txs[txAt] as number;
      const T = Ts[TAt] as number;
      const s = r + k * x;
      const age = alpha + T;
      const log = (logAge[TAt] as number) - (logRecency[txAt] as number);
      // Weights of being alive with j phases past, their derivatives by s and −α·(α + T) derivatives by α.
      let weight = 1;
      let alive = 1;
      let aliveByS = 0;
      let alivePhases = 0;
      if (k > 1) {
        const c = (T - tx) / age;
        let harmonic = 0;
        for (let j = 1; j < k; j++) {
          weight *= ((s + j - 1) / j) * c;
          harmonic += 1 / (s + j - 1);
          alive += weight;
          aliveByS += weight * harmonic;
          alivePhases += weight * j;
        }
      }
      const logLeft = (logOdds[xAt] as number) + s * log;
      // Both weights over the larger one.
      const left = logLeft > 0 ? 1 : Math.exp(logLeft);
      const scale = logLeft > 0 ? Math.exp(-logLeft) : 1;
      const both = left + alive * scale;
      const shareLeft = left / both;
      const shareScale = scale / both;
      total += count * (Math.log(both) + Math.max(0, logLeft) - s * (logAge[TAt] as number));
      byR += count * (shareLeft * log + shareScale * aliveByS - (logAge[TAt] as number));
      byAlpha += count * ((shareLeft * s - s - shareScale * alivePhases) / age - (shareLeft * s) / (alpha + tx));
      byA += (count * shareLeft) / a;
      byB -= shareLeft === 0 ? 0 : (count * shareLeft) / (b + x + chances - 1);
    }
    gradient[0] = byR * r;
    gradient[1] = byAlpha * alpha;
    gradient[2] = byA * a;
    gradient[3] = byB * b;
    return total;
  };
}

import { LEGENDRE_NODES, LEGENDRE_WEIGHTS } from "./gauss-legendre.ts";

/** What the likelihood needs of the time in which a Pareto/NBD customer may have left. */
export interface DropoutIntegral {
  /** J = ∫_{from}^{to} ((α+from)/(α+y))^A ((β+from)/(β+y))^s /(β+y) dy. */
  value: number;
  /** The same integral with ln((α+y)/(α+from)), ln((β+y)/(β+from)), 1/(α+y) and 1/(β+y) as a factor. */
  logAlpha: number;
  logBeta: number;
  perAlpha: number;
  perBeta: number;
}

/**
 * The integral behind A₀ of the Pareto/NBD likelihood, s∫(α+y)^−A (β+y)^−(s+1) dy with A = r + x, scaled by its integrand at `from`: the
 * two ₂F₁ of the published form cancel where to ≈ from and under- or overflow for large x; a sum of positive terms does neither, needs no
 * case for α = β, and has its derivatives at the same nodes.
 *
 * With θ = ln(min(α, β) + y) the other factor's pole is π away from the real axis, so panels of up to 3 in θ, and short enough that the
 * integrand falls by no more than e^−8 in one, are exact to 1e-14. They end where what remains is below rounding. Buyers who are all alike
 * have A and α without bound, A/α a rate: the factor of α then falls by its rate alone, however large A is.
 */
export function dropoutIntegral(
  A: number,
  alpha: number,
  s: number,
  beta: number,
  from: number,
  to: number,
  into: DropoutIntegral,
): DropoutIntegral {
  const near = Math.min(alpha, beta) + from;
  const far = Math.max(alpha, beta) + from;
  const span = Math.log1p((to - from) / near);
  const alphaNear = alpha <= beta;
  const nearPower = alphaNear ? A : s;
  const farPower = alphaNear ? s : A;
  // Minus the slope of the integrand's logarithm in θ, which is steepest at the end.
  const steepest = nearPower + (farPower * (near + to - from)) / (far + to - from);
  const panels = Math.max(1, Math.ceil(Math.max(span / WIDTH_MAX, (steepest * span) / FALL_MAX)));
  const half = span / panels / 2;
  let [value, logNear, logFar, perNear, perFar] = [0, 0, 0, 0, 0];
  for (let panel = 0; panel < panels; panel++) {
    const before = value;
    for (let i = 0; i < LEGENDRE_NODES.length; i++) {
      const theta = half * (2 * panel + 1 + (LEGENDRE_NODES[i] as number));
      const gone = near * Math.expm1(theta);
      const logOther = Math.log1p(gone / far);
      const dy = (LEGENDRE_WEIGHTS[i] as number) * half * (near + gone);
      const term = (dy * Math.exp(-nearPower * theta - farPower * logOther)) / ((alphaNear ? far : near) + gone);
      value += term;
      logNear += term * theta;
      logFar += term * logOther;
      perNear += term / (near + gone);
      perFar += term / (far + gone);
    }
    if (value - before <= 1e-17 * value) break;
  }
  into.value = value;
  into.logAlpha = alphaNear ? logNear : logFar;
  into.logBeta = alphaNear ? logFar : logNear;
  into.perAlpha = alphaNear ? perNear : perFar;
  into.perBeta = alphaNear ? perFar : perNear;
  return into;
}

const WIDTH_MAX = 3;
const FALL_MAX = 8;

/**
 * A function to be maximised and its gradient, written into `gradient`. −Infinity or NaN: not to be entered.
 */
export type Objective = (at: Float64Array, gradient: Float64Array) => number;

export interface Maximum {
  readonly at: Float64Array;
  readonly value: number;
  readonly gradient: Float64Array;
  /** Every component of the gradient is below the tolerance. */
  readonly converged: boolean;
  readonly evaluations: number;
}

/**
 * Quasi-Newton ascent: BFGS with the inverse Hessian kept (Nocedal & Wright 2006, algorithm 6.1 and the scaling 6.20), steps bounded,
 * a backtracking line search with the Armijo condition and quadratic interpolation. Deterministic. Made for few parameters on the log scale.
 * @param tolerance of each component of the gradient
 */
export function maximise(objective: Objective, start: readonly number[], tolerance: number): Maximum {
  const n = start.length;
  let at = Float64Array.from(start);
  let gradient = new Float64Array(n);
  let value = objective(at, gradient);
  let evaluations = 1;
  let inverse = identity(n, 1 / Math.max(1, norm(gradient)));
  let fresh = true;
  let valueBefore = -Infinity;
  for (let iteration = 0; iteration < ITERATIONS_MAX && Number.isFinite(value); iteration++) {
    if (largest(gradient) <= tolerance) break;
    if (iteration % PLATEAU_ITERATIONS === 0) {
      if (value - valueBefore < PLATEAU_GAIN) break;
      valueBefore = value;
    }
    let direction = times(inverse, gradient);
    if (!(dot(direction, gradient) > 0)) {
      inverse = identity(n, 1 / norm(gradient));
      fresh = true;
      direction = times(inverse, gradient);
    }
    const slope = dot(direction, gradient);
    let step = Math.min(1, STEP_MAX / norm(direction));
    let accepted: { at: Float64Array<ArrayBuffer>; gradient: Float64Array<ArrayBuffer>; value: number } | undefined;
    for (let halving = 0; halving < HALVINGS_MAX; halving++) {
      const next = at.map((coordinate, i) => coordinate + step * (direction[i] as number));
      const nextGradient = new Float64Array(n);
      const nextValue = objective(next, nextGradient);
      evaluations++;
      // Near the top a step that changes nothing is as good as one that gains.
      const rounding = ROUNDING * Math.abs(value);
      if (nextValue >= value + ARMIJO * step * slope - rounding) {
        accepted = { at: next, gradient: nextGradient, value: nextValue };
        break;
      }
      const curvature = nextValue - value - step * slope;
      const best = Number.isFinite(nextValue) ? (-slope * step * step) / (2 * curvature) : 0;
      step = Math.min(step / 2, Math.max(step / 10, best));
    }
    if (accepted === undefined) {
      if (fresh) break;
      inverse = identity(n, 1 / norm(gradient));
      fresh = true;
      continue;
    }
    const moved = accepted.at.map((coordinate, i) => coordinate - (at[i] as number));
    const turned = accepted.gradient.map((component, i) => (gradient[i] as number) - component);
    const curvature = dot(moved, turned);
    if (curvature > 1e-12 * norm(moved) * norm(turned)) {
      if (fresh) inverse = identity(n, curvature / dot(turned, turned));
      update(inverse, moved, turned, curvature);
      fresh = false;
    }
    ({ at, gradient, value } = accepted);
  }
  return { at, value, gradient, converged: largest(gradient) <= tolerance, evaluations };
}

const ITERATIONS_MAX = 200;
const HALVINGS_MAX = 40;
const ARMIJO = 1e-4;
/** Of a sum over tens of thousands of customers, relative: less, and a search stalls in the noise before its gradient vanishes. */
const ROUNDING = 1024 * Number.EPSILON;
/** So many iterations that gain so little of ln L lead along a ridge without a top: no more is to be had there. */
const PLATEAU_ITERATIONS = 20;
const PLATEAU_GAIN = 1e-4;
/** A step changes the parameters by a factor of e² at most, together. */
const STEP_MAX = 2;

/** H ← (I − ρ s yᵀ) H (I − ρ y sᵀ) + ρ s sᵀ, ρ = 1/sᵀy. */
function update(inverse: Float64Array[], s: Float64Array, y: Float64Array, curvature: number): void {
  const hy = times(inverse, y);
  const factor = (1 + dot(y, hy) / curvature) / curvature;
  for (const [i, row] of inverse.entries()) {
    for (let j = 0; j < s.length; j++) {
      const [si, sj, hi, hj] = [s[i] ?? 0, s[j] ?? 0, hy[i] ?? 0, hy[j] ?? 0];
      row[j] = (row[j] ?? 0) + factor * si * sj - (hi * sj + si * hj) / curvature;
    }
  }
}

function identity(n: number, scale: number): Float64Array[] {
  return Array.from({ length: n }, (_, i) => Float64Array.from({ length: n }, (__, j) => (i === j ? scale : 0)));
}

function times(matrix: readonly Float64Array[], vector: Float64Array): Float64Array {
  return Float64Array.from(matrix, (row) => dot(row, vector));
}

function dot(left: Float64Array, right: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < left.length; i++) sum += (left[i] as number) * (right[i] as number);
  return sum;
}

function norm(vector: Float64Array): number {
  return Math.sqrt(dot(vector, vector));
}

function largest(vector: Float64Array): number {
  return vector.reduce((most, component) => (Math.abs(component) <= most ? most : Math.abs(component)), 0);
}

import { choleskyFactor, type CholeskyFactor } from "./cholesky.ts";
import { type FitWarning, InvalidInput, Unfittable } from "./errors.ts";
import { logistic, softplus } from "./logistic.ts";
import { requireFinite, requireLength, requireProbabilities, requireWeights } from "./requirements.ts";
import { separatingColumns } from "./separation.ts";

export interface LogisticRegressionData {
  /** The regressors, one array each with a value a row; best in like units, as the penalty does not know theirs. */
  readonly columns: readonly ArrayLike<number>[];
  /** 0 or 1, or a share between them. */
  readonly outcomes: ArrayLike<number>;
  /** How many times each row counts, ≥ 0; 1 where absent. */
  readonly weights?: ArrayLike<number>;
  /** Logits added to each row's predictor with coefficient 1; 0 where absent. */
  readonly offset?: ArrayLike<number>;
}

export interface LogisticRegressionOptions {
  /** Without: the predictor is 0 where every column and the offset are. Default: with. */
  readonly intercept?: boolean;
  /** λ ≥ 0 of the penalty ½ λ Σ βⱼ², the intercept free; 1/C of scikit-learn. Default: 0, maximum likelihood. */
  readonly l2?: number;
}

export interface LogisticRegressionFit {
  /** 0 where there is none. */
  readonly intercept: number;
  /** One a column, in its order: logits by unit of the column. */
  readonly coefficients: readonly number[];
  /** Square roots of the diagonal of (XᵀWX + λI)⁻¹ at the fit; 0 for an intercept that there is not. */
  readonly standardErrors: { readonly intercept: number; readonly coefficients: readonly number[] };
  /** Without the penalty. */
  readonly logLikelihood: number;
  readonly iterations: number;
  readonly converged: boolean;
  readonly warnings: readonly RegressionWarning[];
}

type RegressionWarning = FitWarning<"SEPARATED" | "NOT_CONVERGED">;

/**
 * Weighted logistic regression: the maximum of Σ wᵢ (yᵢ ηᵢ − ln(1 + e^ηᵢ)) − ½ λ Σ βⱼ² with η = offset + β₀ + Σ βⱼ xⱼ.
 * Newton's method with step halving, which is iteratively reweighted least squares: McCullagh & Nelder, "Generalized
 * Linear Models" (1989), 2.5. No randomness: the same rows in the same order give the same bits.
 *
 * @throws InvalidInput EMPTY, LENGTHS_DIFFER, NOT_FINITE, NOT_PROBABILITY, NEGATIVE, OUT_OF_RANGE
 * @throws Unfittable SEPARATED and SINGULAR where λ = 0, ONE_OUTCOME whatever λ where the intercept is free
 */
export function fitLogisticRegression(
  data: LogisticRegressionData,
  { intercept = true, l2 = 0 }: LogisticRegressionOptions = {},
): LogisticRegressionFit {
  requireData(data, intercept, l2);
  const problem = designOf(data, intercept, l2);
  if (intercept) requireBothOutcomes(problem.outcomes);
  const { beta, iterations, converged, separating } = maximise(problem);
  if (l2 === 0 && separating !== null) throw new Unfittable("SEPARATED", separationIn(separating, intercept));
  const errors = standardErrors(problem, beta);
  const first = intercept ? 1 : 0;
  return {
    intercept: intercept ? (beta[0] ?? NaN) : 0,
    coefficients: [...beta.subarray(first)],
    standardErrors: { intercept: intercept ? (errors[0] ?? NaN) : 0, coefficients: [...errors.subarray(first)] },
    logLikelihood: logLikelihood(problem, beta),
    iterations,
    converged,
    warnings: warningsOf(problem, intercept, converged),
  };
}

/** η of a row, in logits: its values in the order of the columns that were fitted. */
export function logisticRegressionLogit(fit: LogisticRegressionFit, row: ArrayLike<number>, offset = 0): number {
  if (row.length !== fit.coefficients.length) return NaN;
  return fit.coefficients.reduce((sum, coefficient, j) => sum + coefficient * (row[j] ?? NaN), offset + fit.intercept);
}

/** Only rows that count; the design row by row, its first column 1 where there is an intercept. */
interface Problem {
  readonly design: Float64Array;
  readonly width: number;
  readonly outcomes: Float64Array;
  readonly weights: Float64Array;
  readonly offset: Float64Array;
  /** λ by coefficient. */
  readonly penalty: Float64Array;
}

interface Maximum {
  readonly beta: Float64Array;
  readonly iterations: number;
  readonly converged: boolean;
  /** Columns of a combination that parts the outcomes, where that was met and there is no penalty. */
  readonly separating: readonly number[] | null;
}

/** Far more than a fit that converges needs: one iteration is a unit on a logit in the worst case, a diverging one. */
const ITERATIONS_MAX = 100;
const HALVINGS_MAX = 40;
/** Mean square of a step, in logits, after which nothing is left to gain: the error left is about its square. */
const STEP_SQUARE_MAX = 1e-14;

function maximise(problem: Problem, damping = 0): Maximum {
  const penalised = problem.penalty.some((lambda) => lambda > 0);
  let beta = new Float64Array(problem.width);
  let value = objective(problem, beta);
  for (let iterations = 1; iterations <= ITERATIONS_MAX; iterations++) {
    const { gradient, information, spread } = derivatives(problem, beta);
    const step = factorOf(problem, information, damping).solve(gradient);
    const separating = penalised ? null : separatingColumns(problem, step);
    if (separating !== null) return { beta, iterations, converged: false, separating };
    const gain = gradient.reduce((sum, slope, j) => sum + slope * (step[j] as number), 0);
    const last = gain <= STEP_SQUARE_MAX * spread;
    let share = 1;
    let next = moved(beta, step, share);
    let nextValue = objective(problem, next);
    // What rounding alone takes away is no reason for a shorter step.
    while (!(nextValue >= value - 1e-13 * Math.abs(value)) && share > 2 ** -HALVINGS_MAX) {
      share /= 2;
      next = moved(beta, step, share);
      nextValue = objective(problem, next);
    }
    if (nextValue >= value || last) [beta, value] = [next, nextValue];
    if (last) return { beta, iterations, converged: true, separating: null };
  }
  return { beta, iterations: ITERATIONS_MAX, converged: false, separating: null };
}

function moved(beta: Float64Array<ArrayBuffer>, step: Float64Array, share: number): Float64Array<ArrayBuffer> {
  return beta.map((value, j) => value + share * (step[j] as number));
}

function objective(problem: Problem, beta: Float64Array): number {
  return logLikelihood(problem, beta) - problem.penalty.reduce((sum, l, j) => sum + (l / 2) * (beta[j] ?? 0) ** 2, 0);
}

function logLikelihood(problem: Problem, beta: Float64Array): number {
  let total = 0;
  for (let i = 0; i < problem.outcomes.length; i++) {
    const eta = predictor(problem, beta, i);
    const outcome = problem.outcomes[i] as number;
    // −outcome·ln(1 + e^−η) − (1 − outcome)·ln(1 + e^η): both terms are small where the fit is good.
    total -= (problem.weights[i] as number) * (outcome * softplus(-eta) + (1 - outcome) * softplus(eta));
  }
  return total;
}

function predictor({ design, width, offset }: Problem, beta: Float64Array, row: number): number {
  let eta = offset[row] as number;
  for (let j = 0; j < width; j++) eta += (design[row * width + j] as number) * (beta[j] as number);
  return eta;
}

interface Derivatives {
  readonly gradient: Float64Array;
  /** XᵀWX + λI, its lower triangle, row by row. */
  readonly information: Float64Array;
  /** Σ wᵢ pᵢ (1 − pᵢ). */
  readonly spread: number;
}

function derivatives(problem: Problem, beta: Float64Array): Derivatives {
  const { design, width, outcomes, weights, penalty } = problem;
  const gradient = penalty.map((lambda, j) => -lambda * (beta[j] as number));
  const information = new Float64Array(width * width);
  let spread = 0;
  for (let i = 0; i < outcomes.length; i++) {
    const eta = predictor(problem, beta, i);
    const p = logistic(eta);
    const q = logistic(-eta);
    const outcome = outcomes[i] as number;
    const weight = weights[i] as number;
    // outcome − p, without the cancellation where both are near 1.
    const residual = weight * (outcome * q - (1 - outcome) * p);
    const curvature = weight * p * q;
    spread += curvature;
    const at = i * width;
    for (let j = 0; j < width; j++) {
      const value = design[at + j] as number;
      if (value === 0) continue;
      gradient[j] = (gradient[j] as number) + residual * value;
      const scaled = curvature * value;
      const to = j * width;
      for (let k = 0; k <= j; k++) {
        information[to + k] = (information[to + k] as number) + scaled * (design[at + k] as number);
      }
    }
  }
  for (let j = 0; j < width; j++) {
    information[j * width + j] = (information[j * width + j] as number) + (penalty[j] as number);
  }
  return { gradient, information, spread };
}

function factorOf({ width }: Problem, information: Float64Array, damping: number): CholeskyFactor {
  for (let j = 0; j < width; j++) {
    information[j * width + j] = (information[j * width + j] as number) * (1 + damping);
  }
  const factor = choleskyFactor(information, width);
  if ("solve" in factor) return factor;
  throw new Unfittable(
    "SINGULAR",
    `coefficient ${factor.dependentRow} of ${width} cannot be told from those before it (the intercept first, then the columns): ` +
      "a column is constant or a combination of others",
  );
}

function standardErrors(problem: Problem, beta: Float64Array): Float64Array {
  const { information } = derivatives(problem, beta);
  return factorOf(problem, information, 0).inverseDiagonal().map(Math.sqrt);
}

function warningsOf(problem: Problem, intercept: boolean, converged: boolean): RegressionWarning[] {
  const warnings: RegressionWarning[] = [];
  const separating = problem.penalty.some((lambda) => lambda > 0) ? separationWithoutPenalty(problem) : null;
  if (separating !== null) {
    warnings.push({
      code: "SEPARATED",
      message: `${separationIn(separating, intercept)}; their size is the penalty's choice`,
    });
  }
  if (!converged) warnings.push({ code: "NOT_CONVERGED", message: `no optimum after ${ITERATIONS_MAX} iterations` });
  return warnings;
}

/** Keeps a design with dependent columns solvable and leaves the optimum where it is. */
const DETECTION_DAMPING = 1e-9;

function separationWithoutPenalty(problem: Problem): readonly number[] | null {
  const free = { ...problem, penalty: new Float64Array(problem.width) };
  try {
    return maximise(free, DETECTION_DAMPING).separating;
  } catch (error) {
    if (error instanceof Unfittable) return null;
    throw error;
  }
}

function separationIn(columns: readonly number[], intercept: boolean): string {
  const names = columns.map((j) => (intercept && j === 0 ? "the intercept" : `column ${j - (intercept ? 1 : 0)}`));
  return `the outcomes are separated by ${names.join(", ")}: the likelihood has no maximum at finite coefficients`;
}

function requireBothOutcomes(outcomes: Float64Array): void {
  const [first] = outcomes;
  if ((first === 0 || first === 1) && outcomes.every((outcome) => outcome === first)) {
    throw new Unfittable("ONE_OUTCOME", `every outcome is ${first}: an intercept has no finite value`);
  }
}

function requireData(
  { columns, outcomes, weights, offset }: LogisticRegressionData,
  intercept: boolean,
  l2: number,
): void {
  requireProbabilities("outcomes", outcomes);
  if (columns.length === 0 && !intercept) throw new InvalidInput("EMPTY", "there is neither a column nor an intercept");
  for (const [j, column] of columns.entries()) {
    requireLength(`columns[${j}]`, column, outcomes.length);
    requireFinite(`columns[${j}]`, column);
  }
  if (weights !== undefined) {
    requireLength("weights", weights, outcomes.length);
    requireWeights("weights", weights);
  }
  if (offset !== undefined) {
    requireLength("offset", offset, outcomes.length);
    requireFinite("offset", offset);
  }
  if (!(l2 >= 0 && l2 < Infinity)) {
    throw new InvalidInput("OUT_OF_RANGE", `l2 is ${l2}: it must be finite and 0 or more`);
  }
}

function designOf(data: LogisticRegressionData, intercept: boolean, l2: number): Problem {
  const { columns, outcomes, weights, offset } = data;
  const counting = Int32Array.from(outcomes, (_, i) => i).filter((i) => (weights?.[i] ?? 1) > 0);
  const first = intercept ? 1 : 0;
  const width = columns.length + first;
  const design = new Float64Array(counting.length * width);
  for (const [row, i] of counting.entries()) {
    if (intercept) design[row * width] = 1;
    for (const [j, column] of columns.entries()) design[row * width + first + j] = column[i] as number;
  }
  return {
    design,
    width,
    outcomes: Float64Array.from(counting, (i) => outcomes[i] as number),
    weights: Float64Array.from(counting, (i) => weights?.[i] ?? 1),
    offset: Float64Array.from(counting, (i) => offset?.[i] ?? 0),
    penalty: Float64Array.from({ length: width }, (_, j) => (j < first ? 0 : l2)),
  };
}

import { CUSTOMERS_FEW, FitError, type FitWarning } from "./fit-error.ts";
import { type Maximum, maximise, type Objective } from "./maximise.ts";
import { symmetricEigen } from "./symmetric-eigen.ts";

/** What a maximum-likelihood fit says beside the parameters' types. */
export interface Estimate {
  readonly parameters: Readonly<Record<string, number>>;
  /** Of the parameters themselves, by the delta method: parameter × standard error of its logarithm. NaN where not identified. */
  readonly standardErrors: Readonly<Record<string, number>>;
  /** Of the parameters' logarithms: from the inverse of the observed information. */
  readonly logStandardErrors: Readonly<Record<string, number>>;
  /** Observed information about the logarithms: minus the second derivatives of ln L, in the order of the parameters. */
  readonly logInformation: readonly (readonly number[])[];
  readonly logLikelihood: number;
  readonly customers: number;
  /** The gradient of ln L vanishes at the parameters. */
  readonly converged: boolean;
  readonly warnings: readonly FitWarning[];
}

/**
 * Maximises ln L over the logarithms of the parameters from the best of several starts, and measures the curvature there.
 * @param objective at the logarithms of the parameters, in the order of `names`
 * @param starts parameters (not logarithms): the most likely ones are searched from, until two searches agree
 * @throws FitError NO_MAXIMUM
 */
export function estimate(
  objective: Objective,
  names: readonly string[],
  starts: readonly (readonly number[])[],
  customers: number,
): Estimate {
  const tolerance = Math.max(1e-6, GRADIENT_PER_CUSTOMER * customers);
  const maximum = bestMaximum(objective, starts, tolerance);
  if (maximum === undefined) throw new FitError("NO_MAXIMUM", `ln L is finite at no start: is the data within reason?`);
  const information = informationAt(objective, maximum.at);
  const { values, vectors } = symmetricEigen(information);
  const warnings: FitWarning[] = [];
  if (!maximum.converged) warnings.push({ code: "NOT_CONVERGED", message: "the gradient of ln L did not vanish" });
  for (const [i, value] of values.entries()) {
    if (value > 0 && 1 / Math.sqrt(value) <= SPREAD_MAX) continue;
    const together = names.filter((_, j) => Math.abs(vectors[i]?.[j] ?? 0) > SHARE_MIN);
    warnings.push({
      code: "NOT_IDENTIFIED",
      message: `${together.join(" and ")} ${together.length > 1 ? "run off together" : "runs off"}: ln L hardly changes along them`,
    });
  }
  if (customers < CUSTOMERS_FEW) {
    warnings.push({ code: "FEW_CUSTOMERS", message: `${customers} customers: the standard errors are rough` });
  }
  const identified = values.every((value) => value > 0);
  const logErrors = names.map((_, j) =>
    identified
      ? Math.sqrt(vectors.reduce((sum, vector, i) => sum + (vector[j] ?? NaN) ** 2 / (values[i] ?? NaN), 0))
      : NaN,
  );
  const parameters = Array.from(maximum.at, Math.exp);
  return {
    parameters: named(names, parameters),
    standardErrors: named(
      names,
      parameters.map((parameter, j) => parameter * (logErrors[j] ?? NaN)),
    ),
    logStandardErrors: named(names, logErrors),
    logInformation: information,
    logLikelihood: maximum.value,
    customers,
    converged: maximum.converged,
    warnings,
  };
}

/** A component of the gradient is nothing below this, times the customers: ~1e-6 of a standard error. */
const GRADIENT_PER_CUSTOMER = 1e-8;
/** Standard deviation, on the log scale, along the least certain direction that still counts as known. */
const SPREAD_MAX = 1.5;
/** Component of a unit vector from which a parameter counts as part of its direction. */
const SHARE_MIN = 0.3;
/** No parameter goes farther from its start than by this factor. */
const LOG_RANGE = Math.log(1e7);
const SEARCHES_MAX = 4;

function bestMaximum(
  objective: Objective,
  starts: readonly (readonly number[])[],
  tolerance: number,
): Maximum | undefined {
  const gradient = new Float64Array(starts[0]?.length ?? 0);
  const candidates = starts
    .map((start) => start.map(Math.log))
    .map((at) => ({ at, value: objective(Float64Array.from(at), gradient) }))
    .filter(({ value }) => Number.isFinite(value))
    .sort((left, right) => right.value - left.value);
  const found: Maximum[] = [];
  for (const { at } of candidates.slice(0, SEARCHES_MAX)) {
    const maximum = maximise(bounded(objective, at), at, tolerance);
    const agree = found.some(({ value, converged }) => converged && Math.abs(value - maximum.value) < 1e-4);
    found.push(maximum);
    if (agree && maximum.converged) break;
  }
  return found.sort((left, right) => right.value - left.value)[0];
}

function bounded(objective: Objective, centre: readonly number[]): Objective {
  return (at, gradient) =>
    at.every((coordinate, i) => Math.abs(coordinate - (centre[i] ?? NaN)) <= LOG_RANGE)
      ? objective(at, gradient)
      : -Infinity;
}

/** Minus the Hessian, by central differences of the gradient: error ~h² ≈ 1e-9 relative, rounding ε/h ≈ 1e-11. */
function informationAt(objective: Objective, at: Float64Array): readonly (readonly number[])[] {
  const step = 3e-5;
  const rows = Array.from(at, (_, i) => {
    const above = new Float64Array(at.length);
    const below = new Float64Array(at.length);
    objective(shifted(at, i, step), above);
    objective(shifted(at, i, -step), below);
    return Array.from(above, (component, j) => ((below[j] ?? NaN) - component) / (2 * step));
  });
  return rows.map((row, i) => row.map((value, j) => (value + (rows[j]?.[i] ?? NaN)) / 2));
}

function shifted(at: Float64Array, place: number, by: number): Float64Array {
  return at.map((coordinate, i) => (i === place ? coordinate + by : coordinate));
}

function named(names: readonly string[], values: readonly number[]): Readonly<Record<string, number>> {
  return Object.fromEntries(names.map((name, i) => [name, values[i] ?? NaN]));
}

import { type FitWarning, Unfittable } from "./errors.ts";
import { type Maximum, maximise, type Objective } from "./maximise.ts";
import { symmetricEigen } from "./symmetric-eigen.ts";

/** What a maximum-likelihood fit says beside the parameters' types. */
export interface Estimate {
  readonly parameters: Readonly<Record<string, number>>;
  /** Of the parameters themselves, by the delta method: parameter × standard error of its logarithm. NaN where not identified, which a warning says. */
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

export interface SearchOptions {
  /** Parameters to search from in place of the starts, which then but bound the search. */
  readonly near?: readonly number[];
  /** Called after each evaluation of ln L in the search: it may take long where there are many customers. */
  readonly onStep?: (() => void) | undefined;
}

/**
 * Maximises ln L over the logarithms of the parameters from the best of several starts, and measures the curvature there.
 * @param objective at the logarithms of the parameters, in the order of `names`
 * @param starts parameters (not logarithms): the most likely ones are searched from, until two searches agree
 * @throws Unfittable NO_MAXIMUM
 */
export function estimate(
  objective: Objective,
  names: readonly string[],
  starts: readonly (readonly number[])[],
  customers: number,
  { near, onStep }: SearchOptions = {},
): Estimate {
  const tolerance = Math.max(1e-6, GRADIENT_PER_CUSTOMER * customers);
  const bounds = boundsOf(starts);
  const searched = bounded(onStep === undefined ? objective : heard(objective, onStep), bounds);
  const maximum = bestMaximum(
    searched,
    near === undefined ? starts.map(logs) : [inside(logs(near), bounds)],
    tolerance,
  );
  if (maximum === undefined) throw new Unfittable("NO_MAXIMUM", "ln L is finite at no start of the search");
  const information = informationAt(objective, maximum.at);
  const { values, vectors } = symmetricEigen(information);
  const warnings: FitWarning[] = [];
  if (!maximum.converged) {
    warnings.push({
      code: "NOT_CONVERGED",
      message: "the search did not reach the top of ln L: the parameters are near it at best",
    });
  }
  const unknown = vectors.filter((_, i) => !known(values[i] ?? NaN));
  const together = names.filter((_, j) => unknown.some((vector) => Math.abs(vector[j] ?? 0) > SHARE_MIN));
  if (together.length > 0) {
    const words = together.length > 1 ? `${together.join(" and ")} run off together` : `${together.join("")} runs off`;
    warnings.push({ code: "NOT_IDENTIFIED", message: `${words}: ln L hardly changes along them` });
  }
  if (customers < CUSTOMERS_FEW) {
    warnings.push({ code: "FEW_CUSTOMERS", message: `${customers} customers: the standard errors are rough` });
  }
  const logErrors = names.map((name, j) => {
    if (together.includes(name)) return NaN;
    // A direction that is not known adds no less than the least that counts as unknown.
    const variance = (value: number): number => (known(value) ? 1 / value : SPREAD_MAX ** 2);
    return Math.sqrt(vectors.reduce((sum, vector, i) => sum + (vector[j] ?? NaN) ** 2 * variance(values[i] ?? NaN), 0));
  });
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
/** Below this many customers a fit warns. */
const CUSTOMERS_FEW = 200;
/** Standard deviation, on the log scale, along the least certain direction that still counts as known. */
const SPREAD_MAX = 1.5;

/** Whether the information in a direction is enough for it to count as known. */
function known(information: number): boolean {
  return information > 0 && 1 / Math.sqrt(information) <= SPREAD_MAX;
}

/** Component of a unit vector from which a parameter counts as part of its direction. */
const SHARE_MIN = 0.3;
/** No parameter goes farther from the starts than by this factor: beyond, those that run off together drown ln L in rounding. */
const LOG_RANGE = Math.log(1e5);
const SEARCHES_MAX = 4;

function bestMaximum(
  objective: Objective,
  starts: readonly (readonly number[])[],
  tolerance: number,
): Maximum | undefined {
  const gradient = new Float64Array(starts[0]?.length ?? 0);
  const candidates = starts
    .map((at) => ({ at, value: objective(Float64Array.from(at), gradient) }))
    .filter(({ value }) => Number.isFinite(value))
    .sort((left, right) => right.value - left.value);
  const found: Maximum[] = [];
  for (const { at } of candidates.slice(0, SEARCHES_MAX)) {
    const maximum = maximise(objective, at, tolerance);
    const agree = found.some(({ value, converged }) => converged && Math.abs(value - maximum.value) < VALUE_SAME);
    found.push(maximum);
    if (agree && maximum.converged) break;
  }
  const top = Math.max(...found.map(({ value }) => value));
  // Of searches that came to the same top, one that knows it is there.
  return (
    found.find(({ value, converged }) => converged && value > top - VALUE_SAME) ??
    found.find(({ value }) => value === top)
  );
}

/** ln L that differs by less is the same. */
const VALUE_SAME = 1e-4;

function heard(objective: Objective, onStep: () => void): Objective {
  return (at, gradient) => {
    const value = objective(at, gradient);
    onStep();
    return value;
  };
}

/** Of each logarithm, the least and the greatest value that is entered. */
type Bounds = readonly (readonly [number, number])[];

function logs(parameters: readonly number[]): readonly number[] {
  return parameters.map(Math.log);
}

function inside(at: readonly number[], bounds: Bounds): readonly number[] {
  return at.map((coordinate, i) => {
    const [least, greatest] = bounds[i] ?? [NaN, NaN];
    return Math.min(greatest, Math.max(least, coordinate));
  });
}

function boundsOf(starts: readonly (readonly number[])[]): Bounds {
  return (starts[0] ?? []).map((_, i) => {
    const own = starts.map((start) => Math.log(start[i] ?? NaN));
    return [Math.min(...own) - LOG_RANGE, Math.max(...own) + LOG_RANGE];
  });
}

function bounded(objective: Objective, bounds: Bounds): Objective {
  return (at, gradient) =>
    at.every((coordinate, i) => coordinate >= (bounds[i]?.[0] ?? NaN) && coordinate <= (bounds[i]?.[1] ?? NaN))
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

import { bgAlive, type BgNbdParameters, bgExpectedAlive, bgLogLikelihood, bgSilence } from "./bg-nbd.ts";
import {
  type CnbdKind,
  cnbdAlive,
  cnbdExpectedAlive,
  cnbdLogLikelihood,
  cnbdMass,
  cnbdSilence,
  REGULARITY_MAX,
} from "./cnbd-k.ts";
import type { DiscountSchedule } from "./discount-schedule.ts";
import { InvalidInput } from "./errors.ts";
import { mbgAlive, mbgExpectedPurchasesAlive, mbgLogLikelihood, mbgSilence } from "./mbg-nbd.ts";
import { paretoAlive, paretoExpectedAlive, paretoLogLikelihood, paretoMass, paretoSilence } from "./pareto-nbd.ts";
import { PARAMETER_NAMES, type PurchaseModelName, type PurchaseModelSpec } from "./purchase-model-parameters.ts";
import { discountedAlive } from "./discounted-purchases.ts";
import { residualAlive } from "./residual-purchases.ts";

/**
 * What every model of purchases without a contract answers, whichever it is. Times are in the unit of the parameters.
 * x repeat purchase days; tx recency, 0 ≤ tx ≤ T and 0 where x = 0; T age; a new customer is x = tx = T = 0. Out of domain: NaN.
 */
export interface PurchaseModel {
  readonly name: PurchaseModelName;
  /** k: 1 where buying is a Poisson process; above, silence is not monotone in T. */
  readonly regularity: number;
  /** ln L. @param logGaps Σ ln of the times between purchases: matters where regularity > 1; 0 if absent */
  readonly logLikelihood: (x: number, tx: number, T: number, logGaps?: number) => number;
  /** P(alive) at T. */
  readonly alive: (x: number, tx: number, T: number) => number;
  /** P(no purchase in (T, T + h]). */
  readonly silence: (x: number, tx: number, T: number, h: number) => number;
  /** E[Y(t)]: purchases expected in (T, T + t]. */
  readonly expectedPurchases: (x: number, tx: number, T: number, t: number) => number;
  /** E[X(t)]: repeat purchases expected of a new customer in (0, t]. */
  readonly expectedPurchasesNew: (t: number) => number;
  /** P(Y(t) = n): probability of exactly n purchases in (T, T + t]. */
  readonly mass: (x: number, tx: number, T: number, t: number, n: number) => number;
  /** P(X(t) = n): the same of a new customer in (0, t]. */
  readonly massNew: (t: number, n: number) => number;
  /** Expected purchases over a schedule's horizon, each discounted: CLV = this × E[M] × margin rate. It contains P(alive). */
  readonly discountedPurchases: (x: number, tx: number, T: number, schedule: DiscountSchedule) => number;
  /** DERT: expected purchases over all time to come, discounted at the continuous rate δ > 0 a time unit. */
  readonly residualPurchases: (x: number, tx: number, T: number, delta: number) => number;
}

/** What a model brings of its own. */
type Formulae = Pick<PurchaseModel, "name" | "regularity" | "logLikelihood" | "alive" | "silence" | "mass"> & {
  /** E[Y(t) | alive at T]. */
  readonly expectedAlive: (x: number, tx: number, T: number, t: number) => number;
  /** Whether E[Y(t)] is smooth enough for a discount schedule's few nodes to give its sum within 1e-6. */
  readonly smoothOver: (x: number, T: number, horizon: number) => boolean;
};

/** @throws InvalidInput OUT_OF_RANGE if no model has the name, a parameter is missing, not finite or not positive, or k is not a whole number from 1 to 12 */
export function createPurchaseModel(spec: PurchaseModelSpec): PurchaseModel {
  const own = formulaeOf(spec);
  const { alive, expectedAlive, mass } = own;
  const expectedPurchases = (x: number, tx: number, T: number, t: number): number =>
    alive(x, tx, T) * expectedAlive(x, tx, T, t);
  return {
    name: own.name,
    regularity: own.regularity,
    logLikelihood: own.logLikelihood,
    alive,
    silence: own.silence,
    mass,
    expectedPurchases,
    expectedPurchasesNew: (t) => expectedPurchases(0, 0, 0, t),
    massNew: (t, n) => mass(0, 0, 0, t, n),
    discountedPurchases: (x, tx, T, schedule) => {
      const quadrature = own.smoothOver(x, T, schedule.nodes.at(-1) ?? 0) ? schedule : schedule.periods;
      return alive(x, tx, T) * discountedAlive((t) => expectedAlive(x, tx, T, t), quadrature);
    },
    residualPurchases: (x, tx, T, delta) => alive(x, tx, T) * residualAlive((t) => expectedAlive(x, tx, T, t), delta),
  };
}

function formulaeOf(spec: PurchaseModelSpec): Formulae {
  checkParameters(spec);
  const { model: name } = spec;
  switch (name) {
    case "BG/NBD": {
      const { parameters } = spec;
      const kind: CnbdKind = { ...parameters, k: 1, chances: 0 };
      return {
        name,
        regularity: 1,
        logLikelihood: (x, tx, T) => bgLogLikelihood(parameters, x, tx, T),
        alive: (x, tx, T) => bgAlive(parameters, x, tx, T),
        silence: (x, tx, T, h) => bgSilence(parameters, x, tx, T, h),
        expectedAlive: (x, _, T, t) => bgExpectedAlive(parameters, x, T, t),
        smoothOver: (x, T, horizon) => leavesSlowly(parameters, x, T, horizon),
        mass: (x, tx, T, t, n) => cnbdMass(kind, x, tx, T, t, n),
      };
    }
    case "MBG/NBD": {
      const { parameters } = spec;
      const kind: CnbdKind = { ...parameters, k: 1, chances: 1 };
      return {
        name,
        regularity: 1,
        logLikelihood: (x, tx, T) => mbgLogLikelihood(parameters, x, tx, T),
        alive: (x, tx, T) => mbgAlive(parameters, x, tx, T),
        silence: (x, tx, T, h) => mbgSilence(parameters, x, tx, T, h),
        expectedAlive: (x, _, T, t) => mbgExpectedPurchasesAlive(parameters, x, T, t),
        smoothOver: (x, T, horizon) => leavesSlowly(parameters, x, T, horizon),
        mass: (x, tx, T, t, n) => cnbdMass(kind, x, tx, T, t, n),
      };
    }
    case "Pareto/NBD": {
      const { parameters } = spec;
      return {
        name,
        regularity: 1,
        logLikelihood: (x, tx, T) => paretoLogLikelihood(parameters, x, tx, T),
        alive: (x, tx, T) => paretoAlive(parameters, x, tx, T),
        silence: (x, tx, T, h) => paretoSilence(parameters, x, tx, T, h),
        expectedAlive: (x, _, T, t) => paretoExpectedAlive(parameters, x, T, t),
        // Cheap enough to be summed.
        smoothOver: () => false,
        mass: (x, tx, T, t, n) => paretoMass(parameters, x, tx, T, t, n),
      };
    }
    case "BG/CNBD-k":
      return cnbdFormulae(name, { ...spec.parameters, chances: 0 });
    default:
      return cnbdFormulae(name, { ...spec.parameters, chances: 1 });
  }
}

/** The horizon is not long against the age, and few of the chances to leave fall into it: bounds found by comparing with the sum. */
function leavesSlowly({ r, alpha, a, b }: BgNbdParameters, x: number, T: number, horizon: number): boolean {
  const ages = horizon / (alpha + T);
  return ages <= 9 && (ages * (r + x) * a) / (a + b + x) <= 4;
}

function cnbdFormulae(name: PurchaseModelName, kind: CnbdKind): Formulae {
  return {
    name,
    regularity: kind.k,
    logLikelihood: (x, tx, T, logGaps = 0) => cnbdLogLikelihood(kind, x, tx, T, logGaps),
    alive: (x, tx, T) => cnbdAlive(kind, x, tx, T),
    silence: (x, tx, T, h) => cnbdSilence(kind, x, tx, T, h),
    expectedAlive: (x, tx, T, t) => cnbdExpectedAlive(kind, x, tx, T, t),
    smoothOver: () => false,
    mass: (x, tx, T, t, n) => cnbdMass(kind, x, tx, T, t, n),
  };
}

function checkParameters({ model, parameters }: PurchaseModelSpec): void {
  if (!Object.hasOwn(PARAMETER_NAMES, model)) {
    throw new InvalidInput("OUT_OF_RANGE", `no purchase model is called ${model}`);
  }
  const given = new Map<string, number>(Object.entries(parameters));
  for (const name of PARAMETER_NAMES[model]) {
    const value = given.get(name) ?? NaN;
    if (!(value > 0 && value < Infinity)) {
      throw new InvalidInput("OUT_OF_RANGE", `${model}: parameter ${name} is ${value}`);
    }
  }
  const k = model.endsWith("-k") ? (given.get("k") ?? NaN) : 1;
  if (!(Number.isInteger(k) && k >= 1 && k <= REGULARITY_MAX)) {
    throw new InvalidInput("OUT_OF_RANGE", `${model}: k is ${k}, not a whole number from 1 to ${REGULARITY_MAX}`);
  }
}

import type { BgNbdParameters } from "./bg-nbd.ts";
import type { CnbdParameters } from "./cnbd-k.ts";
import type { MbgNbdParameters } from "./mbg-nbd.ts";
import type { ParetoNbdParameters } from "./pareto-nbd.ts";

/** The models of purchases without a contract, and what each is made from. */
export interface PurchaseModelParameters {
  readonly "BG/NBD": BgNbdParameters;
  readonly "MBG/NBD": MbgNbdParameters;
  readonly "Pareto/NBD": ParetoNbdParameters;
  readonly "BG/CNBD-k": CnbdParameters;
  readonly "MBG/CNBD-k": CnbdParameters;
}

export type PurchaseModelName = keyof PurchaseModelParameters;

/** A model as data: what a fit gives and an artefact holds. */
export type PurchaseModelSpec = {
  [Name in PurchaseModelName]: { readonly model: Name; readonly parameters: PurchaseModelParameters[Name] };
}[PurchaseModelName];

/** Names of the continuous parameters, in the order of a fit's information matrix. */
export const PARAMETER_NAMES: Readonly<Record<PurchaseModelName, readonly string[]>> = {
  "BG/NBD": ["r", "alpha", "a", "b"],
  "MBG/NBD": ["r", "alpha", "a", "b"],
  "Pareto/NBD": ["r", "alpha", "s", "beta"],
  "BG/CNBD-k": ["r", "alpha", "a", "b"],
  "MBG/CNBD-k": ["r", "alpha", "a", "b"],
};

import type { Profile } from "@tidemark/contracts";
import type { Model } from "../model.ts";
import { BEHAVIOUR } from "./behaviour.ts";
import { CONTRIBUTION } from "./contribution.ts";
import { customerView } from "./customer-view.ts";
import type { Indicator, IndicatorValue } from "./indicator.ts";
import { LOYALTY } from "./loyalty.ts";
import { POTENTIAL } from "./potential.ts";
import { RISK } from "./risk.ts";
import { SATISFACTION } from "./satisfaction.ts";

/** Every indicator that has a name of ours. */
export const CATALOGUE: readonly Indicator[] = [
  ...CONTRIBUTION,
  ...BEHAVIOUR,
  ...LOYALTY,
  ...SATISFACTION,
  ...RISK,
  ...POTENTIAL,
];

/** Values by name; null = unknown. */
export type IndicatorValues = Readonly<Record<string, IndicatorValue>>;

/**
 * All indicators of a profile as of an instant: no clock, no I/O.
 * @param asOf ms since the epoch, not before the profile's newest event
 * @throws Error if a number is not finite: the profile or the model is broken
 */
export function indicatorsOf(profile: Profile, asOf: number, model: Model): IndicatorValues {
  const view = customerView(profile, asOf, model);
  const values: Record<string, IndicatorValue> = {};
  for (const { name, value } of CATALOGUE) values[name] = finite(value(view), name);
  values["completeness"] = completenessOf(values, Object.keys(values));
  return values;
}

/** Share of the named indicators that are known, 0 to 1; 1 if none is named. */
export function completenessOf(values: IndicatorValues, names: readonly string[]): number {
  return names.length === 0 ? 1 : names.filter((name) => (values[name] ?? null) !== null).length / names.length;
}

function finite(value: IndicatorValue, name: string): IndicatorValue {
  if (typeof value === "number" && !Number.isFinite(value)) throw new Error(`the indicator ${name} is not finite`);
  return value;
}

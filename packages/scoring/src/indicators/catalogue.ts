import type { Profile } from "@tidemark/contracts";
import type { Model } from "../model.ts";
import { ASSETS } from "./assets.ts";
import { BEHAVIOUR } from "./behaviour.ts";
import { CONTRIBUTION } from "./contribution.ts";
import { type CustomerView, customerView } from "./customer-view.ts";
import type { Indicator, IndicatorValue } from "./indicator.ts";
import { LOYALTY } from "./loyalty.ts";
import { POTENTIAL } from "./potential.ts";
import { RISK } from "./risk.ts";
import { SATISFACTION } from "./satisfaction.ts";

const MEASURES: readonly Indicator[] = [
  ...CONTRIBUTION,
  ...BEHAVIOUR,
  ...LOYALTY,
  ...SATISFACTION,
  ...ASSETS,
  ...RISK,
  ...POTENTIAL,
];

/** Every indicator that has a name of ours. Names of the installation's own begin with `custom.` and `balance.`. */
export const CATALOGUE: readonly Indicator[] = [
  ...MEASURES,
  {
    name: "completeness",
    family: "data",
    unit: "share",
    better: "higher",
    needs: [],
    doc: "Share of the other indicators that are known; a scorecard's own is the share of its weights.",
    value: (view) => MEASURES.filter(({ value }) => value(view) !== null).length / MEASURES.length,
  },
];

const BY_NAME = new Map(CATALOGUE.map((indicator) => [indicator.name, indicator]));
const CUSTOM = "custom.";
const BALANCE = "balance.";

/** Values by name; null or absent = unknown. */
export type IndicatorValues = Readonly<Record<string, IndicatorValue>>;

/**
 * All indicators of a profile as of an instant: no clock, no I/O. Beside the catalogue's: `custom.<name>` for each custom number of the
 * customer record that it does not mark as protected, `balance.<product>` for the newest balance of each product.
 * @param asOf ms since the epoch, not before the profile's newest event
 * @throws Error if a number is not finite: the profile or the model is broken
 */
export function indicatorsOf(profile: Profile, asOf: number, model: Model): IndicatorValues {
  const view = customerView(profile, asOf, model);
  // No prototype: names come from outside.
  const values: Record<string, IndicatorValue> = Object.create(null) as Record<string, IndicatorValue>;
  for (const { name, value } of MEASURES) values[name] = finite(value(view), name);
  values["completeness"] = completenessOf(values, Object.keys(values));
  for (const { name, balances, balanceMinor } of view.products) {
    if (balances > 0) values[`balance.${name}`] = balanceMinor;
  }
  for (const [name, value] of Object.entries(view.facts?.custom ?? {})) values[`custom.${name}`] = value;
  return values;
}

/** One of {@link indicatorsOf}, without the others. */
export function indicatorOf(view: CustomerView, name: string): IndicatorValue {
  if (name.startsWith(CUSTOM)) {
    const custom = view.facts?.custom ?? {};
    const own = name.slice(CUSTOM.length);
    return Object.hasOwn(custom, own) ? (custom[own] ?? null) : null;
  }
  if (name.startsWith(BALANCE)) {
    const product = view.products.find((held) => held.balances > 0 && `${BALANCE}${held.name}` === name);
    return product?.balanceMinor ?? null;
  }
  return finite(BY_NAME.get(name)?.value(view) ?? null, name);
}

/** Whether an indicator of this name changes with events alone. */
export function isSteady(name: string): boolean {
  return name.startsWith(CUSTOM) || name.startsWith(BALANCE) || BY_NAME.get(name)?.steady === true;
}

/** Share of the named indicators that are known, 0 to 1; 1 if none is named. */
function completenessOf(values: IndicatorValues, names: readonly string[]): number {
  return names.length === 0 ? 1 : names.filter((name) => (values[name] ?? null) !== null).length / names.length;
}

function finite(value: IndicatorValue, name: string): IndicatorValue {
  if (typeof value === "number" && !Number.isFinite(value)) throw new Error(`the indicator ${name} is not finite`);
  return value;
}

import { minorDigits } from "@tidemark/contracts";
import type { Model } from "./model.ts";

/**
 * An amount in minor units of the base currency, by the artefact's rates, rounded to whole units.
 * @returns null if there is no rate
 */
export function toBaseMinor(amountMinor: number, currency: string, { artefact, minorPerMajor }: Model): number | null {
  if (currency === artefact.currency) return amountMinor;
  const rate = Object.hasOwn(artefact.rates, currency) ? artefact.rates[currency] : undefined;
  return rate === undefined ? null : Math.round((amountMinor / 10 ** minorDigits(currency)) * rate * minorPerMajor);
}

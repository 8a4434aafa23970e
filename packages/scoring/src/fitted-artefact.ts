import type { GammaGammaParameters, MbgNbdParameters } from "@tidemark/models";
import { type Artefact, modelHash } from "./artefact.ts";

/** What was fitted to an installation's data; null = it could not be. */
export interface FittedParameters {
  readonly purchases: MbgNbdParameters | null;
  readonly spend: GammaGammaParameters | null;
}

/**
 * The artefact with fitted parameters in the place of its own. Its name says what was fitted, its version is the beginning of
 * its hash: equal content is the same version, wherever and whenever it was made, and a version has but one content (R8).
 * @returns the artefact itself where nothing was fitted
 */
export function fittedArtefact(artefact: Artefact, { purchases, spend }: FittedParameters): Artefact {
  if (purchases === null && spend === null) return artefact;
  const unnamed: Artefact = {
    ...artefact,
    name: purchases === null ? "fitted-spend" : spend === null ? "fitted-purchases" : "fitted",
    version: "",
    fitted: true,
    purchases: purchases ?? artefact.purchases,
    spend: spend ?? artefact.spend,
  };
  return { ...unnamed, version: modelHash(unnamed).slice(0, 12) };
}

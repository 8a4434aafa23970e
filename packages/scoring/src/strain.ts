import type { Profile, Strain } from "@tidemark/contracts";
import { addDecayed, STRAIN_HALF_LIFE_MS } from "./decayed-sum.ts";

/** What strains a relationship beside complaints, each kind a decayed sum with the time that it is as of. */
export type StrainKind = "support" | "lowRatings" | "hostility";

/** Adds to the sum of a kind; sums are kept in a record that is null until the first comes. */
export function addStrain(profile: Profile, kind: StrainKind, value: number, at: number): void {
  const before = profile.strain ?? NO_STRAIN;
  const sumAt = before[`${kind}At`];
  profile.strain = {
    ...before,
    [`${kind}Decayed`]: addDecayed(before[`${kind}Decayed`], sumAt, value, at, STRAIN_HALF_LIFE_MS),
    [`${kind}At`]: Math.max(sumAt, at),
  };
}

const NO_STRAIN: Strain = {
  supportDecayed: 0,
  supportAt: 0,
  lowRatingsDecayed: 0,
  lowRatingsAt: 0,
  hostilityDecayed: 0,
  hostilityAt: 0,
};

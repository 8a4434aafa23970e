import type { Contracts, Tier } from "@tidemark/contracts";
import type { SummaryBody } from "./bodies.ts";
import { lifecycleName, tierName } from "./outputs.ts";

/** How many customers there are, and of which standing. */
export type BaseCounts = Pick<SummaryBody, "customers" | "byTier" | "byLifecycle">;

/**
 * The counts of one partition, kept up to date by every change of a profile: what a View keeps beside its states.
 * Customers without a score that stands (no event yet, consent withdrawn) are not counted.
 */
export interface TierCounts {
  /** @param before encoded profile, null = there was none; @param after null = it is gone */
  update(before: Uint8Array | null, after: Uint8Array | null): void;
  save(): Uint8Array;
  load(bytes: Uint8Array): void;
  readonly counts: BaseCounts;
}

export function createTierCounts(contracts: Contracts): TierCounts {
  // Two decodings a change: of these fields alone they cost a tenth of the whole.
  const standingOf = contracts.codecs.processorState.select(["scoredAt", "tier", "lifecycle"]);
  let counts = noCounts();
  const add = (profile: Uint8Array | null, by: 1 | -1): void => {
    if (profile === null) return;
    const standing = standingOf(profile);
    if (standing.scoredAt === 0) return;
    counts.customers += by;
    counts.byTier[tierKey(standing.tier)] += by;
    counts.byLifecycle[lifecycleName(standing.lifecycle)] += by;
  };
  return {
    update(before, after) {
      add(before, -1);
      add(after, 1);
    },
    save: () => Buffer.from(JSON.stringify(counts)),
    load(bytes) {
      counts = merge([noCounts(), JSON.parse(Buffer.from(bytes).toString()) as BaseCounts]);
    },
    get counts() {
      return counts;
    },
  };
}

/** The counts of all partitions together. */
export function sumCounts(parts: readonly Pick<TierCounts, "counts">[]): BaseCounts {
  return merge([noCounts(), ...parts.map((part) => part.counts)]);
}

function tierKey(tier: Tier): keyof BaseCounts["byTier"] {
  return tierName(tier) ?? "none";
}

function noCounts(): BaseCounts {
  return {
    customers: 0,
    byTier: { platinum: 0, gold: 0, silver: 0, development: 0, optimisation: 0, none: 0 },
    byLifecycle: { unknown: 0, prospect: 0, new: 0, active: 0, loyal: 0, slipping: 0, lost: 0, returned: 0 },
  };
}

/** Adds all up into the first. */
function merge([sum, ...others]: readonly [BaseCounts, ...BaseCounts[]]): BaseCounts {
  for (const other of others) {
    sum.customers += other.customers;
    addUp(sum.byTier, other.byTier);
    addUp(sum.byLifecycle, other.byLifecycle);
  }
  return sum;
}

function addUp<Name extends string>(sum: Record<Name, number>, other: Readonly<Record<Name, number>>): void {
  for (const name of Object.keys(sum) as Name[]) sum[name] += other[name];
}

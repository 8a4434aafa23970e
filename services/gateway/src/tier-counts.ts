import type { Lifecycle, Tier } from "@tidemark/contracts";
import type { BaseSums } from "@tidemark/scoring/base";
import type { SummaryBody } from "./bodies.ts";
import { lifecycleName, tierName } from "./outputs.ts";

/** How many customers there are, and of which standing. */
export type BaseCounts = Pick<SummaryBody, "customers" | "byTier" | "byLifecycle">;

/** The counts of all partitions together. Customers without a score that stands (no event yet, consent withdrawn) are not counted. */
export function sumCounts(parts: readonly BaseSums[]): BaseCounts {
  const counts = noCounts();
  for (const { totals, groups } of parts) {
    // The first measure is the number of customers.
    counts.customers += totals[0] ?? 0;
    for (const [tier, own] of groups.tier.entries()) counts.byTier[tierName(tier as Tier) ?? "none"] += own[0] ?? 0;
    for (const [stage, own] of groups.lifecycle.entries()) {
      counts.byLifecycle[lifecycleName(stage as Lifecycle)] += own[0] ?? 0;
    }
  }
  return counts;
}

function noCounts(): BaseCounts {
  return {
    customers: 0,
    byTier: { platinum: 0, gold: 0, silver: 0, development: 0, optimisation: 0, none: 0 },
    byLifecycle: { unknown: 0, prospect: 0, new: 0, active: 0, loyal: 0, slipping: 0, lost: 0, returned: 0 },
  };
}

import type { SummaryBody } from "./bodies.ts";

/** How many customers there are, and of which standing. */
export type BaseCounts = Pick<SummaryBody, "customers" | "byTier" | "byLifecycle">;

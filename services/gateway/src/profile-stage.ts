import type { Lifecycle, ProcessorState } from "@tidemark/contracts";

/** The fields that {@link lifecycleOf} looks at. */
export const STAGE_FIELDS = ["purchaseDays"] as const satisfies readonly (keyof ProcessorState)[];

/** As the score has it: today the stages that do not depend on the time. */
export function lifecycleOf({ purchaseDays }: Pick<ProcessorState, (typeof STAGE_FIELDS)[number]>): Lifecycle {
  if (purchaseDays === 0) return "PROSPECT";
  return purchaseDays === 1 ? "NEW" : "ACTIVE";
}

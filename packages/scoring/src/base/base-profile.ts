import type { ProcessorState } from "@tidemark/contracts";

/** The fields of a profile that figures of the whole base are made of: a decoder need not read the others. */
export const BASE_FIELDS = [
  "scoredAt",
  "tier",
  "segment",
  "industry",
  "region",
  "purchases",
  "purchaseDays",
  "firstDay",
  "grossMinor",
  "days",
  "foldedDays",
  "foldedThrough",
  "refundMinor",
  "interactions",
  "complaints",
  "complaintsOpen",
  "categories",
  "feedback",
  "voice",
  "standing",
  "tierMoves",
  "categoryNames",
  "complaintCategories",
  "exposures",
] as const satisfies readonly (keyof ProcessorState)[];

export type BaseProfile = Pick<ProcessorState, (typeof BASE_FIELDS)[number]>;

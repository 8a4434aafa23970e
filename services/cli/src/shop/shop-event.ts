import type { Complaint, Customer, Interaction, Purchase } from "@tidemark/contracts";

/** An event as `POST /v1/events` takes it: what is not said is left out. Times are ms since the epoch. */
export type ShopEvent =
  | Said<"purchase", Purchase, "kind" | "amountMinor" | "currency">
  | Said<"interaction", Interaction, "kind">
  | Said<"complaint", Complaint, "kind" | "complaintId">
  | Said<"customer", Customer, never>;

type Said<Type extends string, Body, Needed extends keyof Body> = { readonly type: Type } & Pick<
  Body,
  Extract<keyof Body, "eventId" | "customerId" | "occurredAt"> | Needed
> &
  Partial<Body>;

/** An event without what the shop adds to each. */
export type EventBody = ShopEvent extends infer Each ? (Each extends ShopEvent ? Omit<Each, "eventId"> : never) : never;

/** An event and when it reaches the pipeline: later than it happened where it was held up. */
export interface Delivery {
  readonly deliveredAt: number;
  readonly event: ShopEvent;
}

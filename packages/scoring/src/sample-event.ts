import { parseInputEvent } from "@tidemark/contracts";
import type { ProfileEvent } from "./apply-event.ts";

/** For tests: an event from the fields that matter to them, the others at their defaults. Money is USD unless said. */
export function sampleEvent(fields: Readonly<Record<string, unknown>> & { readonly type: string }): ProfileEvent {
  const common = { eventId: "e1", customerId: "c1", occurredAt: 0 };
  const money = fields.type === "purchase" ? { amountMinor: 0, currency: "USD" } : {};
  const event = parseInputEvent({ ...common, ...money, ...fields }, { referenceAt: null });
  if (!event.ok) throw new Error(`${event.path} ${event.message}`);
  return event;
}

import { emptyProfile, type Profile } from "@tidemark/contracts";
import { applyEvent } from "./apply-event.ts";
import { DAY_MS } from "./day-calendar.ts";
import type { Model } from "./model.ts";
import { sampleEvent } from "./sample-event.ts";
import { SAMPLE_START } from "./sample-profile.ts";

/** Fields of an event, and the day since {@link SAMPLE_START} that it occurs on. */
export type SampleFields = Readonly<Record<string, unknown>> & { readonly type: string; readonly day: number };

/** For tests: the profile of a customer of whom these events came, in this order, not scored yet. */
export function sampleHistory(events: readonly SampleFields[], model: Model): Profile {
  const profile = emptyProfile("c1");
  for (const [i, { day, ...fields }] of events.entries()) {
    const event = sampleEvent({ eventId: `e${i}`, ...fields, occurredAt: sampleTime(day) });
    const outcome = applyEvent(profile, event, { referenceAt: null, model, consentDefault: "granted" });
    if (outcome !== "applied") throw new Error(`${fields.type} was not applied`);
  }
  return profile;
}

/** ms since the epoch */
export function sampleTime(day: number): number {
  return SAMPLE_START + Math.floor(day * DAY_MS);
}

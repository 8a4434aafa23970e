import { emptyProfile, type Profile } from "@tidemark/contracts";
import { applyEvent, type ProfileEvent } from "./apply-event.ts";
import { DAY_MS } from "./day-calendar.ts";
import type { Model } from "./model.ts";
import { sampleEvent } from "./sample-event.ts";

/** The day that sample days are counted from. */
export const SAMPLE_START = Date.UTC(2026, 0, 1);

/** What a sample customer did, in days since {@link SAMPLE_START}. */
export interface SampleLife {
  readonly purchases?: readonly { readonly day: number; readonly amountMinor: number }[];
  readonly visits?: readonly number[];
  /** Opened; resolved a day later unless told to stay open. */
  readonly complaints?: readonly { readonly day: number; readonly open?: boolean }[];
}

/** For tests: the profile of a customer with such a life, not scored yet. */
export function sampleProfile(life: SampleLife, model: Model): Profile {
  const profile = emptyProfile("c1");
  const at = (day: number): number => SAMPLE_START + Math.floor(day * DAY_MS);
  const { purchases = [], visits = [], complaints = [] } = life;
  const events: ProfileEvent[] = [
    ...purchases.map(({ day, amountMinor }, i) => {
      return sampleEvent({ type: "purchase", kind: "PURCHASE", eventId: `p${i}`, occurredAt: at(day), amountMinor });
    }),
    ...visits.map((day, i) => {
      return sampleEvent({ type: "interaction", kind: "VISIT", eventId: `v${i}`, occurredAt: at(day) });
    }),
    ...complaints.flatMap(({ day, open = false }, i) => {
      const step = { type: "complaint", complaintId: `k${i}` };
      const opened = sampleEvent({ ...step, kind: "OPENED", eventId: `o${i}`, occurredAt: at(day) });
      return open
        ? [opened]
        : [opened, sampleEvent({ ...step, kind: "RESOLVED", eventId: `r${i}`, occurredAt: at(day + 1) })];
    }),
  ];
  for (const event of events) applyEvent(profile, event, { referenceAt: null, model, consentDefault: "granted" });
  return profile;
}

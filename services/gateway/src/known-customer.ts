import { type Contracts, type Erasure, isTime, parseInstant, type Profile } from "@tidemark/contracts";
import type { Clock, StateRead, StateReader } from "@tidemark/streams";
import { z } from "zod";
import { decodeValue } from "./decode-value.ts";
import { isoTime } from "./outputs.ts";
import { Problem } from "./problem.ts";
import { notReady } from "./summary-route.ts";

export interface KnownCustomerOptions {
  readonly contracts: Contracts;
  readonly states: StateReader;
  readonly clock: Clock;
  readonly clockMode: "wall" | "event";
}

/** What is known of a customer, and the instant that is asked about, ms since the epoch. */
export interface KnownCustomer {
  readonly profile: Profile;
  readonly read: StateRead;
  readonly at: number;
}

export const customerParams = z.object({ id: z.string().describe("The customer's id.") });
export const atQuery = z.string().max(40).optional().describe("Compute as of this time: RFC 3339, or ms since 1970.");

/** @throws Problem: 400, 404, 409, 410, 503 */
export async function knownCustomer(
  options: KnownCustomerOptions,
  id: string,
  at: string | undefined,
): Promise<KnownCustomer> {
  const { contracts, states } = options;
  const asked = at === undefined ? null : readInstant(at);
  if (!states.ready) throw notReady();
  const read = states.read(id);
  if (read.value === null && read.marker !== null) {
    const { erasedAt } = await decodeValue<Erasure>(contracts, contracts.codecs.erasure, read.marker);
    throw new Problem(410, "ERASED", "The customer was erased.", { members: { erasedAt: isoTime(erasedAt) } });
  }
  if (read.value === null) throw new Problem(404, "CUSTOMER_UNKNOWN", "No event of this customer has been seen.");
  const profile = await decodeValue<Profile>(contracts, contracts.codecs.processorState, read.value);
  if (profile.scoredAt === 0) throw new Problem(404, "NOT_SCORED", "No score of this customer stands.");
  if (asked !== null && asked < profile.lastEventAt) {
    throw new Problem(409, "AT_BEFORE_LAST_EVENT", "`at` lies before the customer's last event.");
  }
  return { profile, read, at: asked ?? presentOf(profile, read, options) };
}

/**
 * Now, but not before what is known: an event may be up to a day ahead of the clock. In clock mode `event` now is the
 * newest tick.
 */
function presentOf(profile: Profile, read: StateRead, { clock, clockMode }: KnownCustomerOptions): number {
  const now = clockMode === "wall" ? clock.now() : (read.tick ?? 0);
  return Math.max(now, profile.scoredAt, profile.lastEventAt);
}

function readInstant(text: string): number {
  const at = /^\d{1,16}$/.test(text) ? Number(text) : parseInstant(text);
  if (at !== null && isTime(at)) return at;
  throw new Problem(400, "TIME_INVALID", "`at` must be an RFC 3339 time with its offset, or ms since 1970.");
}

import type { ContractTerms, InputRefusal, Interaction, Profile } from "@tidemark/contracts";
import { toBaseMinor } from "./currency.ts";
import { DAY_MS } from "./day-calendar.ts";
import type { Model } from "./model.ts";
import { refused } from "./outcome.ts";

/**
 * What SUBSCRIBE and RENEW events say of a contract. Owns `Profile.contract`.
 *
 * C1 Each part is what the newest event says that says it; of two of one instant the later end, the longer term, the higher amount. So the
 *    whole is the same in whatever order events come, and a RENEW need not repeat what SUBSCRIBE said.
 * C2 A customer has one contract: with several plans at a time, the newest event counts.
 */
export function applyContract(
  profile: Profile,
  interaction: Interaction,
  at: number,
  amountMinor: number | null,
): void {
  const { termDays } = interaction;
  const before = contractTerms(profile) ?? NO_TERMS;
  const renewsAt = interaction.renewsAt ?? 0;
  const untilRenewalMs = renewsAt - at < TERM_MS_MIN ? 0 : renewsAt - at;
  const termMs = termDays === null ? untilRenewalMs : termDays * DAY_MS;
  profile.contract = {
    at: Math.max(before.at, at),
    renewsAt: newest(before.at, before.renewsAt, at, renewsAt),
    ...(termMs > 0
      ? { termAt: Math.max(before.termAt, at), termMs: newest(before.termAt, before.termMs, at, termMs) }
      : { termAt: before.termAt, termMs: before.termMs }),
    ...(amountMinor === null
      ? { amountAt: before.amountAt, amountMinor: before.amountMinor, paidMinor: before.paidMinor }
      : {
          amountAt: Math.max(before.amountAt, at),
          amountMinor: newest(before.amountAt, before.amountMinor, at, amountMinor),
          paidMinor: before.paidMinor + amountMinor,
        }),
  };
}

/** A date that is nearer than this says when a term ends, not how long one is. */
const TERM_MS_MIN = DAY_MS;

function newest(beforeAt: number, before: number, at: number, value: number): number {
  return at === beforeAt ? Math.max(before, value) : at > beforeAt ? value : before;
}

/** The terms as this version keeps them; of a profile from before they were kept, what it says of the latest term. */
export function contractTerms({ contract, voice }: Profile): ContractTerms | null {
  if (contract !== null || voice === null || voice.subscribedAt === 0) return contract;
  return { ...NO_TERMS, at: voice.subscribedAt, renewsAt: voice.termEndsAt };
}

/** What a SUBSCRIBE or RENEW costs, in minor units of the base currency; null where it does not say. Changes nothing. */
export function contractAmount(
  { contract }: Profile,
  interaction: Interaction,
  model: Model,
): number | InputRefusal | null {
  const { kind, amountMinor, currency } = interaction;
  if ((kind !== "SUBSCRIBE" && kind !== "RENEW") || amountMinor === null || currency === null) return null;
  const baseMinor = toBaseMinor(amountMinor, currency, model);
  if (baseMinor === null) return refused("NO_RATE", "/currency has no rate to the base currency in the model");
  if ((contract?.paidMinor ?? 0) + baseMinor > SUM_MINOR_MAX) {
    return refused("SUM_OUT_OF_RANGE", "/amountMinor makes a sum too large to be exact");
  }
  return baseMinor;
}

/** Sums up to here are exact and can be encoded. */
const SUM_MINOR_MAX = 2 ** 52;

const NO_TERMS: ContractTerms = {
  at: 0,
  renewsAt: 0,
  termAt: 0,
  termMs: 0,
  amountAt: 0,
  amountMinor: 0,
  paidMinor: 0,
};

import type { ContractTerms, Profile, Reason } from "@tidemark/contracts";
import { sbgChurnWithin, type SbgParameters } from "@tidemark/models";
import type { Renewals } from "./artefact.ts";
import { interactionIndex } from "./apply-interaction.ts";
import { contractTerms } from "./contract-terms.ts";
import { DAY_MS } from "./day-calendar.ts";

/**
 * A contract as it stands. While it runs its customer can leave only where it is to be renewed, with the probability of the shifted
 * beta-geometric model (sBG). It is over at its end without a RENEW, or with an UNSUBSCRIBE at once.
 *
 * Where no SUBSCRIBE or RENEW says a term or a date, it is to be renewed when the customer record says that it ends. Where that says nothing
 * either, one with a price renews itself every `Renewals.termDays` until UNSUBSCRIBE. Without a price too it is no contract: who
 * subscribes to news is not bound to anything.
 */
export interface Contract {
  /** When it is to be renewed, or was to be; of one that renews itself, the first time. When it was ended, where it was. ms */
  readonly endsAt: number;
  readonly termMs: number;
  readonly renewsItself: boolean;
  /** Ended by the customer. */
  readonly isEnded: boolean;
  /** Renewals so far that events told. */
  readonly renewals: number;
  /** Price of a term, minor units; 0 = not known. */
  readonly amountMinor: number;
  /** When it was made or renewed last, ms; null = not known, its end being that of the customer record. */
  readonly agreedAt: number | null;
}

/** @returns null where no SUBSCRIBE or RENEW came that says a term, a date or a price, and no customer record that says an end */
export function contractOf(profile: Profile, { termDays }: Renewals): Contract | null {
  const terms = contractTerms(profile);
  if (terms === null || (terms.renewsAt === 0 && terms.termMs === 0)) {
    const recordEndsAt = profile.facts?.contractEndsAt ?? 0;
    // What ended before the newest SUBSCRIBE is not the contract that is paid for since.
    const isReplaced = terms !== null && terms.amountAt !== 0 && recordEndsAt <= terms.at;
    if (recordEndsAt > 0 && !isReplaced) return recordContract(profile, terms, recordEndsAt);
  }
  if (terms === null || (terms.renewsAt === 0 && terms.termMs === 0 && terms.amountAt === 0)) return null;
  const unsubscribedAt = profile.voice?.unsubscribedAt ?? 0;
  const isEnded = unsubscribedAt >= terms.at;
  const renewsItself = terms.renewsAt === 0 && terms.termMs === 0;
  const termMs = terms.termMs === 0 ? termDays * DAY_MS : terms.termMs;
  return {
    endsAt: isEnded ? unsubscribedAt : terms.renewsAt === 0 ? terms.at + termMs : terms.renewsAt,
    termMs,
    renewsItself,
    isEnded,
    renewals: profile.interactions[RENEW] ?? 0,
    amountMinor: terms.amountMinor,
    agreedAt: terms.at,
  };
}

/** A contract of which the customer record alone says the end. A record that is newer than an UNSUBSCRIBE says that there is one again. */
function recordContract(profile: Profile, terms: ContractTerms | null, recordEndsAt: number): Contract {
  const unsubscribedAt = profile.voice?.unsubscribedAt ?? 0;
  const isEnded = unsubscribedAt >= Math.max(profile.customerAt, terms?.at ?? 0);
  return {
    endsAt: isEnded ? Math.min(unsubscribedAt, recordEndsAt) : recordEndsAt,
    termMs: RECORD_TERM_DAYS * DAY_MS,
    renewsItself: false,
    isEnded: isEnded && unsubscribedAt < recordEndsAt,
    renewals: profile.interactions[RENEW] ?? 0,
    amountMinor: terms?.amountMinor ?? 0,
    agreedAt: null,
  };
}

/**
 * The term of a contract that a customer record ends. A year: what has an end in a master record was agreed for a fixed time, which is
 * seldom shorter, and it only matters to what lies behind that end: a second renewal within a horizon, and its price.
 */
const RECORD_TERM_DAYS = 365;

const RENEW = interactionIndex("RENEW");

export function isRunning({ endsAt, renewsItself, isEnded }: Contract, asOf: number): boolean {
  return !isEnded && (renewsItself || asOf < endsAt);
}

/** Evidence of one that is over: since when, and whether the customer ended it (1) or it ran out (not said). */
export function overEvidence({ endsAt, isEnded }: Contract, asOf: number): Reason["params"] {
  const endedDays = Math.max(0, asOf - endsAt) / DAY_MS;
  return isEnded ? { endedDays, byCustomer: 1 } : { endedDays };
}

/** The renewal that comes next, and how many came before it. */
export interface NextRenewal {
  readonly at: number;
  readonly before: number;
}

export function nextRenewal({ endsAt, termMs, renewsItself, renewals }: Contract, asOf: number): NextRenewal {
  if (!renewsItself || asOf < endsAt) return { at: endsAt, before: renewals };
  const own = Math.floor((asOf - endsAt) / termMs) + 1;
  return { at: endsAt + own * termMs, before: renewals + own };
}

/** Renewals that fall due at or before an instant, from the next one on. */
function renewalsUntil(nextAt: number, termMs: number, until: number): number {
  return until < nextAt ? 0 : Math.floor((until - nextAt) / termMs) + 1;
}

/** Probability that a running contract is not renewed at one of its renewals within the horizon. */
export function nonRenewal(contract: Contract, parameters: SbgParameters, asOf: number, horizonMs: number): number {
  const { at, before } = nextRenewal(contract, asOf);
  const count = renewalsUntil(at, contract.termMs, asOf + horizonMs);
  return count === 0 ? 0 : sbgChurnWithin(parameters, before, count);
}

/**
 * Renewals of a running contract that are to be expected within the horizon, each discounted: Σ S(n+k)/S(n) · (1 + d)^−t over those that fall
 * due in it, by equations 6 and 8 of Fader & Hardie 2007. Between two of its steps it rises, as renewals come nearer.
 * @param logRate ln(1 + d), d a year
 */
export function discountedRenewals(
  contract: Contract,
  { alpha, beta }: SbgParameters,
  asOf: number,
  horizonMs: number,
  logRate: number,
): number {
  const { at, before } = nextRenewal(contract, asOf);
  const count = Math.min(RENEWALS_MAX, renewalsUntil(at, contract.termMs, asOf + horizonMs));
  const perTerm = Math.exp((-logRate * contract.termMs) / YEAR_MS);
  let discounted = Math.exp((-logRate * (at - asOf)) / YEAR_MS);
  let total = 0;
  for (let n = before; n < before + count; n++) {
    discounted *= (beta + n) / (alpha + beta + n);
    total += discounted;
    discounted *= perTerm;
  }
  return total;
}

const YEAR_MS = 365 * DAY_MS;
/** More are not added up: weekly ones over ten years. */
const RENEWALS_MAX = 522;

/**
 * The next instant at which {@link nonRenewal} or {@link discountedRenewals} jumps: a renewal comes into one of the horizons, or the
 * contract's end, where it is over or renewed by itself; Infinity = none.
 */
export function contractStepAt(contract: Contract, asOf: number, ...horizonsMs: readonly number[]): number {
  if (!isRunning(contract, asOf)) return Infinity;
  const { at } = nextRenewal(contract, asOf);
  let next = at;
  for (const horizonMs of horizonsMs) {
    const count = renewalsUntil(at, contract.termMs, asOf + horizonMs);
    next = Math.min(next, at + count * contract.termMs - horizonMs);
  }
  return next;
}

import type { Profile } from "@tidemark/contracts";
import {
  FINGERPRINT_BYTES,
  fingerprintOf,
  isFingerprintAt,
  readFingerprint,
  textOf,
  writeFingerprint,
} from "./fingerprint.ts";
import { setTrade, tradeOf } from "./optional-sums.ts";

/**
 * Orders bought on account and what was paid on them. Owns the format of `Profile.accounts` and the sums of settled ones in `trade`.
 *
 * A1 An account is the same in whatever order its purchase, payments and cancellation came; a payment may come first.
 *    A refund does not touch it: what is credited to an account is told as a payment.
 * A2 An account counts as settled once its purchase is known, not cancelled, and paid in full but for rounding; it was settled at its newest payment. Its
 *    part in the sums follows every change of it, until it leaves the list.
 * A3 Beyond {@link ACCOUNTS_MAX} the one that leaves is: one whose purchase is not known or cancelled, else a settled one, else any; of
 *    these the one bought first. An unpaid one that leaves is owed no more.
 */
export interface Account {
  /** Time of the purchase, ms. */
  readonly at: number;
  /** ms; 0 = the purchase is not known yet. */
  readonly dueAt: number;
  readonly amountMinor: number;
  readonly paidMinor: number;
  /** Newest payment, ms; 0 = none. */
  readonly paidAt: number;
  readonly cancelled: boolean;
}

/** How many are kept: 1 kB. */
const ACCOUNTS_MAX = 24;

/** Which order: by id where it is said, else by the time of the purchase. */
export interface AccountKey {
  readonly orderId: string | null;
  readonly at: number;
}

/** The purchase on account itself. */
export function openAccount(profile: Profile, key: AccountKey, amountMinor: number, dueAt: number): void {
  // A purchase of the same time is another one, where one of them says its order; a payment that came first may be this one's.
  const start = startOf(
    profile.accounts,
    key,
    (at) => isWithoutOrder(profile.accounts, at, key) || accountAt(profile.accounts, at).dueAt === 0,
  );
  if (start >= 0 && key.orderId !== null) sayOrder(profile.accounts, start, key);
  change(profile, key, start, (before) => ({
    ...before,
    at: before.dueAt === 0 ? key.at : Math.min(before.at, key.at),
    dueAt: Math.max(before.dueAt, dueAt),
    amountMinor: before.amountMinor + amountMinor,
  }));
}

export function payAccount(profile: Profile, key: AccountKey, amountMinor: number, paidAt: number): void {
  change(profile, key, startOf(profile.accounts, key), (before) => ({
    ...before,
    paidMinor: before.paidMinor + amountMinor,
    paidAt: Math.max(before.paidAt, paidAt),
  }));
}

/** A purchase that is cancelled before it comes is never bought, so that there is nothing to wait for. */
export function cancelAccount(profile: Profile, key: AccountKey): void {
  setCancelled(profile, key, { cancelled: true });
}

/** Of a purchase that was not meant by its cancellation. */
export function reopenAccount(profile: Profile, key: AccountKey): void {
  setCancelled(profile, key, { cancelled: false });
}

function setCancelled(profile: Profile, key: AccountKey, state: Pick<Account, "cancelled">): void {
  const start = startOf(profile.accounts, key);
  if (start < 0) return;
  change(profile, key, start, (before) => ({ ...before, ...state }));
}

/** Accounts whose purchase is known and not cancelled. */
export function accountsOf({ accounts }: Profile): Account[] {
  const list: Account[] = [];
  for (let start = 0; start < accounts.length; start += ENTRY_BYTES) list.push(accountAt(accounts, start));
  return list.filter(({ dueAt, cancelled }) => dueAt > 0 && !cancelled);
}

/** Those that are owed: the fingerprint of the order's id as text, or the time of a purchase without one; when it is due, ms; what is owed. */
export function unpaidAccounts({
  accounts,
}: Profile): { readonly subject: string; readonly since: number; readonly amountMinor: number }[] {
  const unpaid = [];
  for (let start = 0; start < accounts.length; start += ENTRY_BYTES) {
    const account = accountAt(accounts, start);
    const amountMinor = owedMinor(account);
    if (account.dueAt === 0 || account.cancelled || amountMinor === 0) continue;
    const hasOrder = ((accounts[start + FLAGS_AT] as number) & HAS_ORDER) !== 0;
    const subject = hasOrder ? textOf(readFingerprint(accounts, start)) : String(account.at);
    unpaid.push({ subject, since: account.dueAt, amountMinor });
  }
  return unpaid;
}

function isSettled({ dueAt, cancelled, amountMinor, paidMinor, paidAt }: Account): boolean {
  return dueAt > 0 && !cancelled && paidAt > 0 && amountMinor - paidMinor <= ROUNDING_MINOR;
}

/** What is still to be paid, minor units. */
export function owedMinor(account: Account): number {
  return isSettled(account) ? 0 : Math.max(0, account.amountMinor - account.paidMinor);
}

/** Parts converted one by one may add up to a little less than the whole. */
const ROUNDING_MINOR = 2;

/** Changes the account that begins at `found`; where that is below 0, a new one. */
function change(profile: Profile, key: AccountKey, found: number, to: (before: Account) => Account): void {
  let start = found;
  if (start < 0) {
    let kept = profile.accounts;
    if (kept.length >= ACCOUNTS_MAX * ENTRY_BYTES) {
      const leaver = startOfLeaver(kept);
      kept = Buffer.concat([kept.subarray(0, leaver), kept.subarray(leaver + ENTRY_BYTES)]);
    }
    start = kept.length;
    const longer = Buffer.alloc(start + ENTRY_BYTES);
    kept.copy(longer);
    sayOrder(longer, start, key);
    longer.writeUIntLE(key.at, start + TIME_AT, 6);
    profile.accounts = longer;
  }
  const before = accountAt(profile.accounts, start);
  const after = to(before);
  write(profile.accounts, start, after);
  count(profile, before, -1);
  count(profile, after, 1);
}

/** A2: adds the account's part to the sums of settled ones, or takes it out. */
function count(profile: Profile, account: Account, sign: 1 | -1): void {
  if (!isSettled(account)) return;
  const { at, dueAt, paidAt } = account;
  const { settled, settledInTime, payMs, lateMs } = tradeOf(profile);
  setTrade(profile, {
    settled: settled + sign,
    settledInTime: settledInTime + (paidAt <= dueAt ? sign : 0),
    payMs: payMs + sign * Math.max(0, paidAt - at),
    lateMs: lateMs + sign * Math.max(0, paidAt - dueAt),
  });
}

/** Of the order where both sides say it; only where there is none, of the time, one side not saying the order: rather one that does not say it either. */
function startOf(accounts: Buffer, key: AccountKey, mayMean: (start: number) => boolean = () => true): number {
  const order = key.orderId === null ? NO_ORDER : fingerprintOf(key.orderId);
  let byTime = -1;
  for (let start = 0; start < accounts.length; start += ENTRY_BYTES) {
    const bothSayIt = key.orderId !== null && ((accounts[start + FLAGS_AT] as number) & HAS_ORDER) !== 0;
    if (bothSayIt) {
      if (isFingerprintAt(accounts, start, order)) return start;
    } else if (accounts.readUIntLE(start + TIME_AT, 6) === key.at && mayMean(start)) {
      if (byTime < 0 || isWithoutOrder(accounts, start, key)) byTime = start;
    }
  }
  return byTime;
}

/** Whether neither side says the order. */
function isWithoutOrder(accounts: Buffer, start: number, { orderId }: AccountKey): boolean {
  return orderId === null && ((accounts[start + FLAGS_AT] as number) & HAS_ORDER) === 0;
}

function sayOrder(accounts: Buffer, start: number, { orderId }: AccountKey): void {
  writeFingerprint(orderId === null ? NO_ORDER : fingerprintOf(orderId), accounts, start);
  accounts[start + FLAGS_AT] =
    ((accounts[start + FLAGS_AT] as number) & CANCELLED) | (orderId === null ? 0 : HAS_ORDER);
}

function startOfLeaver(accounts: Buffer): number {
  let leaver = 0;
  let best = accountAt(accounts, 0);
  for (let start = ENTRY_BYTES; start < accounts.length; start += ENTRY_BYTES) {
    const account = accountAt(accounts, start);
    const order = leaveRank(account) - leaveRank(best);
    if (order < 0 || (order === 0 && account.at < best.at)) {
      leaver = start;
      best = account;
    }
  }
  return leaver;
}

function leaveRank(account: Account): number {
  if (account.dueAt === 0 || account.cancelled) return 0;
  return isSettled(account) ? 1 : 2;
}

const TIME_AT = FINGERPRINT_BYTES;
const DUE_AT = TIME_AT + 6;
const AMOUNT_AT = DUE_AT + 6;
const PAID_AT = AMOUNT_AT + 8;
const PAID_TIME_AT = PAID_AT + 8;
const FLAGS_AT = PAID_TIME_AT + 6;
const ENTRY_BYTES = FLAGS_AT + 1;

export const ACCOUNTS_BYTES_MAX = ACCOUNTS_MAX * ENTRY_BYTES;

const HAS_ORDER = 1;
const CANCELLED = 2;
const NO_ORDER = { low: 0, high: 0 };

function accountAt(accounts: Buffer, start: number): Account {
  return {
    at: accounts.readUIntLE(start + TIME_AT, 6),
    dueAt: accounts.readUIntLE(start + DUE_AT, 6),
    amountMinor: accounts.readDoubleLE(start + AMOUNT_AT),
    paidMinor: accounts.readDoubleLE(start + PAID_AT),
    paidAt: accounts.readUIntLE(start + PAID_TIME_AT, 6),
    cancelled: ((accounts[start + FLAGS_AT] as number) & CANCELLED) !== 0,
  };
}

function write(accounts: Buffer, start: number, account: Account): void {
  accounts.writeUIntLE(account.at, start + TIME_AT, 6);
  accounts.writeUIntLE(account.dueAt, start + DUE_AT, 6);
  accounts.writeDoubleLE(account.amountMinor, start + AMOUNT_AT);
  accounts.writeDoubleLE(account.paidMinor, start + PAID_AT);
  accounts.writeUIntLE(account.paidAt, start + PAID_TIME_AT, 6);
  accounts[start + FLAGS_AT] =
    ((accounts[start + FLAGS_AT] as number) & HAS_ORDER) | (account.cancelled ? CANCELLED : 0);
}

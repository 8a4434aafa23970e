import { type CustomerSummary, type Transaction } from "@tidemark/models";
import { fingerprintOf } from "@tidemark/scoring";
import { calibrated } from "../backtest/observed-customers.ts";
import { type PurchaseDaysBuilder, purchaseDaysBuilder } from "../backtest/purchase-days.ts";

/** Customers of a file as a fit takes them. */
export interface CustomerSample {
  readonly customers: readonly CustomerSummary[];
  /** 1 = all of the file's; else every n-th, a power of two. */
  readonly every: number;
}

/**
 * Collects the purchase days of a file's customers while it is read.
 *
 * Invariants:
 *  S1 A customer is in with all his purchases or not at all, and that goes by a hash of his id: the same file gives the
 *     same sample.
 *  S2 Memory is that of {@link PURCHASES_MAX} purchases, or of all purchase days of {@link CUSTOMERS_MIN} customers where those are
 *     more: above it every second customer is let go. Nothing of the file's text is kept.
 */
export interface CustomerSampler {
  /** Purchases come in any order. @param dayOf asked for the local day only of those that are kept */
  add(customerId: string, dayOf: () => number, amountMinor: number): void;
  /**
   * Once, after the last `add`. Of more than {@link REPEAT_BUYERS_MAX} repeat buyers only every n-th is taken: they determine
   * the parameters to a few in a hundred, and a fit takes time for each.
   * @param untilDay last day that was looked at, days since 1970-01-01; the last purchase's where that is later
   */
  sample(untilDay: number): CustomerSample;
}

export function customerSampler(): CustomerSampler {
  let builder = purchaseDaysBuilder<number>();
  let every = 1;
  let held = 0;
  let heldMax = PURCHASES_MAX;

  function makeRoom(): void {
    // Purchases of one day are one from here on: that alone may do.
    let owners = ownersIn(builder);
    held = countDays(owners);
    while (held > PURCHASES_MAX / 2 && owners.length > CUSTOMERS_MIN) {
      every *= 2;
      owners = owners.filter(({ key }) => key % every === 0);
      held = countDays(owners);
    }
    heldMax = Math.max(PURCHASES_MAX, held * 2);
    builder = purchaseDaysBuilder<number>();
    for (const { key, days } of owners) for (const { day, amount } of days) builder.add(key, day, amount);
  }

  return {
    add(customerId, dayOf, amountMinor) {
      const key = keyOf(customerId);
      if (key % every !== 0) return;
      if (held === heldMax) {
        makeRoom();
        if (key % every !== 0) return;
      }
      builder.add(key, dayOf(), amountMinor);
      held += 1;
    },
    sample(untilDay) {
      const keys = builder.ids();
      const days = builder.build();
      let customers = calibrated(days, Math.max(untilDay, days.lastDay));
      while (repeatBuyers(customers) > REPEAT_BUYERS_MAX) {
        every *= 2;
        customers = customers.filter(({ id }) => (keys[Number(id)] ?? NaN) % every === 0);
      }
      return { customers, every };
    },
  };
}

/** Customers of a sample who bought on a second day. */
export function repeatBuyers(customers: readonly CustomerSummary[]): number {
  return customers.reduce((count, { x }) => count + (x > 0 ? 1 : 0), 0);
}

/** 16 bytes each, and as much again for a moment where room is made. */
export const PURCHASES_MAX = 500_000;
/** Not even of those who bought daily for years are fewer kept. */
export const CUSTOMERS_MIN = 2000;
export const REPEAT_BUYERS_MAX = 20_000;

/** 52 bits of the id's hash, so that two customers in a million are taken for one with a probability of 1e-4. */
function keyOf(customerId: string): number {
  const { low, high } = fingerprintOf(customerId);
  return (high & 0xfffff) * 2 ** 32 + (low >>> 0);
}

interface Owner {
  readonly key: number;
  readonly days: readonly Transaction[];
}

function ownersIn(builder: PurchaseDaysBuilder<number>): readonly Owner[] {
  const keys = builder.ids();
  const days = builder.build();
  return keys.map((key, customer) => ({ key, days: days.of(customer) }));
}

function countDays(owners: readonly Owner[]): number {
  return owners.reduce((sum, { days }) => sum + days.length, 0);
}

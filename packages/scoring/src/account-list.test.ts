import { emptyProfile, type Profile } from "@tidemark/contracts";
import { describe, expect, test } from "vitest";
import { accountsOf, cancelAccount, openAccount, owedMinor, payAccount } from "./account-list.ts";
import { tradeOf } from "./optional-sums.ts";

describe("an order on account", () => {
  test("is settled by its last part, within the rounding of converted parts", () => {
    const profile = emptyProfile("c1");
    openAccount(profile, key("a"), 1_000, 500);
    payAccount(profile, key("a"), 400, 200);
    expect(tradeOf(profile)).toMatchObject({ settled: 0 });
    expect(accountsOf(profile).map(owedMinor)).toEqual([600]);
    payAccount(profile, key("a"), 598, 700);
    expect(tradeOf(profile)).toMatchObject({ settled: 1, settledInTime: 0, payMs: 600, lateMs: 200 });
    expect(accountsOf(profile).map(owedMinor)).toEqual([0]);
  });

  test("that is cancelled counts no more, paid or not", () => {
    const profile = emptyProfile("c1");
    openAccount(profile, key("a"), 1_000, 500);
    payAccount(profile, key("a"), 1_000, 200);
    cancelAccount(profile, key("a"));
    expect(tradeOf(profile)).toMatchObject({ settled: 0, settledInTime: 0, payMs: 0 });
    expect(accountsOf(profile)).toEqual([]);
  });

  test("is paid by its id, also where another without one was bought at the time that the payment says", () => {
    const [first, second] = [emptyProfile("c1"), emptyProfile("c1")];
    const withoutId = { orderId: null, at: 100 };
    const paid = { orderId: "a", at: 50 };
    openAccount(first, withoutId, 30, 500);
    for (const profile of [first, second]) openAccount(profile, paid, 70, 500);
    openAccount(second, withoutId, 30, 500);
    for (const profile of [first, second]) {
      payAccount(profile, key("a"), 70, 300);
      expect(accountsOf(profile).reduce((sum, account) => sum + owedMinor(account), 0)).toBe(30);
      expect(tradeOf(profile)).toMatchObject({ settled: 1, payMs: 250 });
    }
  });

  test("stays apart from one without an id bought at the same time, and is paid by its id", () => {
    for (const order of [
      [null, "a"],
      ["a", null],
    ]) {
      const profile = emptyProfile("c1");
      for (const orderId of order) openAccount(profile, { orderId, at: 100 }, orderId === null ? 30 : 70, 500);
      payAccount(profile, { orderId: "a", at: 0 }, 70, 300);
      expect(accountsOf(profile).map(owedMinor)).toEqual(order.map((orderId) => (orderId === null ? 30 : 0)));
    }
  });

  test("that was first known by a payment of its time is paid by its id from then on", () => {
    const profile = emptyProfile("c1");
    payAccount(profile, { orderId: null, at: 100 }, 30, 200);
    openAccount(profile, key("a"), 70, 500);
    payAccount(profile, { orderId: "a", at: 0 }, 40, 300);
    expect(accountsOf(profile).map(owedMinor)).toEqual([0]);
  });

  test("leaves a full list settled ones first, and stays in the sums", () => {
    const profile = emptyProfile("c1");
    openAccount(profile, { orderId: "owed", at: 1 }, 70, 500);
    openAccount(profile, { orderId: "paid", at: 2 }, 50, 500);
    payAccount(profile, { orderId: "paid", at: 2 }, 50, 300);
    for (let i = 0; i < 23; i++) openAccount(profile, { orderId: `o${i}`, at: 10 + i }, 1, 500);
    expect(bought(profile)).toContain(1);
    expect(bought(profile)).not.toContain(2);
    expect(bought(profile).length).toBe(24);
    expect(tradeOf(profile).settled).toBe(1);
  });
});

function key(orderId: string) {
  return { orderId, at: 100 };
}

function bought(profile: Profile): number[] {
  return accountsOf(profile).map(({ at }) => at);
}

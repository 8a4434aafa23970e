import { emptyProfile, type Profile } from "@tidemark/contracts";
import { describe, expect, test } from "vitest";
import { applyEvent } from "./apply-event.ts";
import { defaultArtefact } from "./default-artefact.ts";
import { createModel } from "./model.ts";
import type { Outcome } from "./outcome.ts";
import { sampleEvent } from "./sample-event.ts";

const model = createModel(defaultArtefact({ rates: { EUR: 1.1, KRW: 1e6 } }));

describe("facts of the customer record", () => {
  test("are kept in the base currency, and those of a newer record take their place whole", () => {
    const { profile, send } = customer();
    send({ currency: "EUR", creditLimitMinor: 1_000, debtRatio: 0.5 }, 1);
    expect(profile.facts).toMatchObject({ creditLimitMinor: 1_100, debtRatio: 0.5, assetsMinor: null });
    send({ custom: { shelves: 3 } }, 2);
    expect(profile.facts).toMatchObject({ creditLimitMinor: null, debtRatio: null, custom: { shelves: 3 } });
    send({ debtRatio: 9 }, 1);
    expect(profile.facts?.debtRatio).toBeNull();
  });

  test("in a currency without a rate are refused and leave no trace; without amounts the currency does not matter", () => {
    const { profile, send } = customer();
    const before = JSON.stringify(profile);
    expect(send({ currency: "CHF", assetsMinor: 1 }, 1)).toMatchObject({ kind: "refused", code: "NO_RATE" });
    expect(JSON.stringify(profile)).toBe(before);
    expect(send({ currency: "CHF", debtRatio: 1 }, 1)).toBe("applied");
  });

  test("too large to be exact in the base currency are not known", () => {
    const { profile, send } = customer();
    expect(send({ currency: "KRW", assetsMinor: 10 ** 12, potentialSpendMinor: 5 }, 1)).toBe("applied");
    expect(profile.facts).toMatchObject({ assetsMinor: null, potentialSpendMinor: 5e8 });
  });

  test("that the record marks as protected are not kept, nor numbers with names that are too long", () => {
    const { profile, send } = customer();
    const custom = { age: 44, shelves: 2, ["n".repeat(49)]: 1, ["m".repeat(48)]: 1 };
    send({ currency: "USD", assetsMinor: 7, solvencyRatio: 2, custom, protected: ["age", "solvencyRatio"] }, 1);
    expect(profile.facts).toMatchObject({ assetsMinor: 7, solvencyRatio: null });
    expect(Object.keys(profile.facts?.custom ?? {})).toEqual(["shelves", "m".repeat(48)]);
  });

  test("that cannot be used do not keep a withdrawal from taking effect", () => {
    const { profile, send } = customer();
    send({ debtRatio: 1 }, 1);
    expect(send({ currency: "CHF", assetsMinor: 1, consent: { scoring: false } }, 2)).toBe("applied");
    expect(profile).toMatchObject({ facts: null, consent: "WITHDRAWN", suppressedSince: 2, customerAt: 2 });
  });

  test("are forgotten when consent is withdrawn", () => {
    const { profile, send } = customer();
    send({ debtRatio: 1 }, 1);
    send({ debtRatio: 1, consent: { scoring: false } }, 2);
    expect(profile.facts).toBeNull();
  });
});

test("a balance in a currency without a rate is refused and leaves no trace", () => {
  const { profile } = customer();
  const before = JSON.stringify(profile);
  const balance = { type: "interaction", kind: "BALANCE", product: "saving", balanceMinor: 5, currency: "CHF" };
  expect(applied(profile, balance)).toMatchObject({ kind: "refused", code: "NO_RATE" });
  expect(JSON.stringify(profile)).toBe(before);
});

function customer() {
  const profile = emptyProfile("c1");
  let events = 0;
  const send = (fields: Readonly<Record<string, unknown>>, occurredAt: number): Outcome => {
    return applied(profile, { ...fields, type: "customer", occurredAt, eventId: `e${events++}` });
  };
  return { profile, send };
}

function applied(profile: Profile, fields: Readonly<Record<string, unknown>> & { readonly type: string }): Outcome {
  return applyEvent(profile, sampleEvent(fields), { referenceAt: null, model, consentDefault: "granted" });
}

import { describe, expect, test } from "vitest";
import { parseInputEvent, type InputEvent, type RejectedEvent } from "./input-event.ts";

const NOW = Date.UTC(2026, 0, 1);
const PURCHASE = {
  type: "purchase",
  eventId: "e-1",
  customerId: "c-1",
  occurredAt: "2025-12-31T10:00:00Z",
  amountMinor: 1_999,
  currency: "EUR",
};
const VISIT = { type: "interaction", eventId: "e-2", customerId: "c-1", occurredAt: NOW, kind: "VISIT" };
const FEEDBACK = { ...VISIT, kind: "FEEDBACK", rating: 4, scale: "CSAT" };
const COMPLAINT = { ...VISIT, type: "complaint", kind: "OPENED", complaintId: "k-1" };
const CUSTOMER = { type: "customer", eventId: "e-3", customerId: "c-1", occurredAt: NOW };

describe("an event that is taken", () => {
  test("is the Avro record, with what was left out filled in", () => {
    expect(parse(PURCHASE)).toEqual({
      ok: true,
      type: "purchase",
      topic: "purchases",
      record: {
        eventId: "e-1",
        customerId: "c-1",
        occurredAt: Date.UTC(2025, 11, 31, 10),
        source: null,
        attributes: {},
        kind: "PURCHASE",
        orderId: null,
        amountMinor: 1_999,
        marginMinor: null,
        discountMinor: null,
        currency: "EUR",
        quantity: null,
        category: null,
        channel: null,
        dueAt: null,
        originalOccurredAt: null,
        acquisitionChannel: null,
        acquisitionCostMinor: null,
      },
    });
  });

  test.each([
    ["interactions", VISIT],
    ["interactions", FEEDBACK],
    ["complaints", COMPLAINT],
    ["customers", CUSTOMER],
    ["customers", { ...CUSTOMER, consent: { scoring: false }, custom: { "project size": 3.5 }, protected: ["age"] }],
    ["purchases", { ...PURCHASE, amountMinor: 0 }],
    ["purchases", { ...PURCHASE, marginMinor: -5, attributes: { shelf: "A 4", été: "oui" } }],
    ["purchases", { ...PURCHASE, customerId: "é".repeat(64) }],
    ["purchases", { ...PURCHASE, customerId: "...", orderId: "." }],
    ["purchases", { ...PURCHASE, kind: "CANCELLATION", originalOccurredAt: 0 }],
  ])("goes to %s", (topic, json) => {
    expect(parse(json)).toMatchObject({ ok: true, topic });
  });

  test("has the one zero that integers have, also where JSON says -0", () => {
    const parsed = parse({ ...PURCHASE, amountMinor: -0, occurredAt: -0, dueAt: -0 });
    expect(parsed).toMatchObject({ record: { amountMinor: 0, occurredAt: 0, dueAt: 0 } });
  });

  test("shares no default with another", () => {
    const [one, two] = [parse(PURCHASE), parse(PURCHASE)];
    expect(one.ok && two.ok && one.record.attributes !== two.record.attributes).toBe(true);
  });
});

describe("an event that is refused says why and where", () => {
  test.each<[what: string, json: unknown, code: string, path: string]>([
    ["null", null, "WRONG_TYPE", ""],
    ["a list", [PURCHASE], "WRONG_TYPE", ""],
    ["no type", {}, "UNKNOWN_TYPE", "/type"],
    ["another type", { ...PURCHASE, type: "payment" }, "UNKNOWN_TYPE", "/type"],
    ["a type from Object", { ...PURCHASE, type: "constructor" }, "UNKNOWN_TYPE", "/type"],
    ["an unknown field", { ...PURCHASE, amount: 5 }, "UNKNOWN_FIELD", "/amount"],
    ["an unknown field with any name", { ...PURCHASE, "a b@c": 5 }, "UNKNOWN_FIELD", ""],
    ["__proto__", JSON.parse('{"type": "purchase", "__proto__": {"currency": "EUR"}}'), "UNKNOWN_FIELD", "/__proto__"],
    ["a missing field", { ...VISIT, kind: undefined, eventId: undefined }, "WRONG_TYPE", "/eventId"],
    ["no event id", without(PURCHASE, "eventId"), "MISSING_FIELD", "/eventId"],
    ["no currency", without(PURCHASE, "currency"), "MISSING_FIELD", "/currency"],
    ["no kind", without(VISIT, "kind"), "MISSING_FIELD", "/kind"],
    ["null where a value must be", { ...PURCHASE, currency: null }, "WRONG_TYPE", "/currency"],
    ["a number for a string", { ...PURCHASE, customerId: 7 }, "WRONG_TYPE", "/customerId"],
    ["a string for a number", { ...PURCHASE, amountMinor: "19.99" }, "WRONG_TYPE", "/amountMinor"],
    ["a fraction", { ...PURCHASE, amountMinor: 19.99 }, "WRONG_TYPE", "/amountMinor"],
    ["NaN", { ...PURCHASE, amountMinor: Number.NaN }, "WRONG_TYPE", "/amountMinor"],
    ["infinity", { ...VISIT, weight: Infinity }, "WRONG_TYPE", "/weight"],
    ["a string for a flag", { ...COMPLAINT, satisfied: "yes" }, "WRONG_TYPE", "/satisfied"],
    ["an object for a string", { ...PURCHASE, category: {} }, "WRONG_TYPE", "/category"],
    ["a list for a map", { ...PURCHASE, attributes: [] }, "WRONG_TYPE", "/attributes"],
    ["a nested attribute", { ...PURCHASE, attributes: { a: {} } }, "WRONG_TYPE", "/attributes"],
    ["a map for a list", { ...CUSTOMER, protected: {} }, "WRONG_TYPE", "/protected"],
    ["a number in a list", { ...CUSTOMER, protected: ["age", 5] }, "WRONG_TYPE", "/protected/1"],
    ["an unknown kind", { ...VISIT, kind: "GLANCE" }, "UNKNOWN_SYMBOL", "/kind"],
    ["the kind UNKNOWN", { ...VISIT, kind: "UNKNOWN" }, "UNKNOWN_SYMBOL", "/kind"],
    ["an empty id", { ...PURCHASE, eventId: "" }, "ID_INVALID", "/eventId"],
    ["an id of 129 bytes", { ...PURCHASE, customerId: `${"é".repeat(64)}x` }, "ID_INVALID", "/customerId"],
    ["an id of 1 MB", { ...PURCHASE, customerId: "x".repeat(1_000_000) }, "ID_INVALID", "/customerId"],
    ["an id with a control character", { ...PURCHASE, customerId: "a\u0000b" }, "ID_INVALID", "/customerId"],
    ["an id with a C1 control", { ...PURCHASE, orderId: "a\u0085b" }, "ID_INVALID", "/orderId"],
    ["an id that no address can name", { ...PURCHASE, customerId: ".." }, "ID_INVALID", "/customerId"],
    ["an id that is the address it stands in", { ...VISIT, customerId: "." }, "ID_INVALID", "/customerId"],
    ["half a surrogate pair", { ...PURCHASE, category: "\ud800" }, "STRING_INVALID", "/category"],
    ["a long string", { ...PURCHASE, category: "x".repeat(1_025) }, "STRING_TOO_LONG", "/category"],
    ["an amount beyond the bound", { ...PURCHASE, amountMinor: 1e12 + 1 }, "AMOUNT_OUT_OF_RANGE", "/amountMinor"],
    ["an amount beyond 2^53", { ...PURCHASE, amountMinor: 1e300 }, "AMOUNT_OUT_OF_RANGE", "/amountMinor"],
    ["a negative amount", { ...PURCHASE, amountMinor: -1 }, "AMOUNT_OUT_OF_RANGE", "/amountMinor"],
    ["an unknown currency", { ...PURCHASE, currency: "EURO" }, "CURRENCY_UNKNOWN", "/currency"],
    ["a currency in lower case", { ...PURCHASE, currency: "eur" }, "CURRENCY_UNKNOWN", "/currency"],
    ["a local time", { ...PURCHASE, occurredAt: "2025-12-31T10:00:00" }, "TIME_INVALID", "/occurredAt"],
    ["a time in words", { ...PURCHASE, occurredAt: "yesterday" }, "TIME_INVALID", "/occurredAt"],
    ["a fraction of a millisecond", { ...PURCHASE, occurredAt: 0.5 }, "TIME_INVALID", "/occurredAt"],
    ["the year 9999", { ...PURCHASE, occurredAt: "9999-01-01T00:00:00Z" }, "TIME_OUT_OF_RANGE", "/occurredAt"],
    ["the year −1", { ...PURCHASE, occurredAt: "-000001-01-01T00:00:00Z" }, "TIME_OUT_OF_RANGE", "/occurredAt"],
    ["−1 ms", { ...PURCHASE, occurredAt: -1 }, "TIME_OUT_OF_RANGE", "/occurredAt"],
    ["2^63 ms", { ...PURCHASE, occurredAt: 2 ** 63 }, "TIME_OUT_OF_RANGE", "/occurredAt"],
    ["eight days ahead", { ...PURCHASE, occurredAt: NOW + 8 * 86_400_000 }, "TIME_OUT_OF_RANGE", "/occurredAt"],
    ["a due date before 1970", { ...PURCHASE, dueAt: -1 }, "TIME_OUT_OF_RANGE", "/dueAt"],
    ["17 attributes", { ...PURCHASE, attributes: attributes(17) }, "TOO_MANY_ATTRIBUTES", "/attributes"],
    ["an attribute without a name", { ...PURCHASE, attributes: { "": "x" } }, "NAME_INVALID", "/attributes"],
    ["an attribute __proto__", withProtoAttribute(), "NAME_INVALID", "/attributes"],
    ["33 protected names", { ...CUSTOMER, protected: Array(33).fill("x") }, "TOO_MANY_ITEMS", "/protected"],
    ["a cancellation of nothing", { ...PURCHASE, kind: "CANCELLATION" }, "MISSING_FIELD", "/originalOccurredAt"],
    ["feedback without a rating", { ...FEEDBACK, rating: null }, "MISSING_FIELD", "/rating"],
    ["a rating without a scale", { ...FEEDBACK, scale: null }, "MISSING_FIELD", "/scale"],
    ["a rating outside its scale", { ...FEEDBACK, rating: 0 }, "NUMBER_OUT_OF_RANGE", "/rating"],
    ["a rating outside any scale", { ...FEEDBACK, rating: 11 }, "NUMBER_OUT_OF_RANGE", "/rating"],
    ["an expectation outside its scale", { ...FEEDBACK, expected: 6 }, "NUMBER_OUT_OF_RANGE", "/expected"],
    ["a review without sentiment", { ...VISIT, kind: "REVIEW" }, "MISSING_FIELD", "/sentiment"],
    ["a sentiment of 2", { ...VISIT, kind: "REVIEW", sentiment: 2 }, "NUMBER_OUT_OF_RANGE", "/sentiment"],
    ["a referral of nobody", { ...VISIT, kind: "REFERRAL" }, "MISSING_FIELD", "/referredCustomerId"],
    ["an exposure to nothing", { ...VISIT, kind: "CAMPAIGN_EXPOSURE" }, "MISSING_FIELD", "/campaign"],
    ["a balance of nothing", { ...VISIT, kind: "BALANCE" }, "MISSING_FIELD", "/balanceMinor"],
    ["a balance in no currency", { ...VISIT, kind: "BALANCE", balanceMinor: 5 }, "MISSING_FIELD", "/currency"],
    ["a negative weight", { ...VISIT, weight: -1 }, "NUMBER_OUT_OF_RANGE", "/weight"],
    ["a severity of 6", { ...COMPLAINT, severity: 6 }, "NUMBER_OUT_OF_RANGE", "/severity"],
    ["a credit limit in no currency", { ...CUSTOMER, creditLimitMinor: 5 }, "MISSING_FIELD", "/currency"],
    ["a custom number in words", { ...CUSTOMER, custom: { a: "5" } }, "WRONG_TYPE", "/custom"],
    ["consent that is no flag", { ...CUSTOMER, consent: { scoring: 1 } }, "WRONG_TYPE", "/consent"],
  ])("%s", (_, json, code, path) => {
    expect(parse(json)).toMatchObject({ ok: false, code, path });
  });

  test("up to seven days ahead is for the processor to clamp", () => {
    expect(parse({ ...PURCHASE, occurredAt: NOW + 7 * 86_400_000 })).toMatchObject({ ok: true });
  });

  test("without a clock to measure by nothing is too far ahead", () => {
    const far = { ...PURCHASE, occurredAt: "9999-01-01T00:00:00Z" };
    expect(parseInputEvent(far, { referenceAt: null })).toMatchObject({ ok: true });
  });
});

function parse(json: unknown): InputEvent | RejectedEvent {
  return parseInputEvent(json, { referenceAt: NOW });
}

function without(event: Readonly<Record<string, unknown>>, field: string): unknown {
  return Object.fromEntries(Object.entries(event).filter(([name]) => name !== field));
}

function attributes(count: number): Readonly<Record<string, string>> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`a${index}`, "x"]));
}

/** As JSON.parse makes it: an own property. */
function withProtoAttribute(): unknown {
  return { ...PURCHASE, attributes: JSON.parse('{"__proto__": "x"}') as unknown };
}

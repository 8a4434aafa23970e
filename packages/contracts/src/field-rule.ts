import { isTime } from "./event-time.ts";
import { InputProblem } from "./input-problem.ts";
import { AMOUNT_MINOR_MAX, isCurrency } from "./money.ts";
import { isUnion, type AvroField, type AvroSchema } from "./schema.ts";

/** What the value of an input field must keep beyond its Avro type; the same for JSON and for the log. */
export type FieldRule =
  /** 1 to {@link ID_BYTES_MAX} bytes of UTF-8, no control characters. */
  | { readonly kind: "id" }
  /** As `id`, and {@link isAddressable}. */
  | { readonly kind: "customerId" }
  /** At most {@link TEXT_BYTES_MAX} bytes of UTF-8. */
  | { readonly kind: "text" }
  /** An ISO 4217 code that Intl knows. */
  | { readonly kind: "currency" }
  /** 1970 to 9999, ms since the epoch. */
  | { readonly kind: "time" }
  /** Any symbol but UNKNOWN, which is what a reader makes of a symbol newer than itself. */
  | { readonly kind: "symbol" }
  | { readonly kind: "flag" }
  | { readonly kind: "range"; readonly min: number; readonly max: number; readonly code: RangeCode }
  | { readonly kind: "map"; readonly values: FieldRule; readonly entriesMax: number }
  | { readonly kind: "list"; readonly items: FieldRule; readonly itemsMax: number };

type RangeCode = "AMOUNT_OUT_OF_RANGE" | "NUMBER_OUT_OF_RANGE";

export const ID_BYTES_MAX = 128;
export const TEXT_BYTES_MAX = 1_024;
export const ATTRIBUTES_MAX = 16;
const ITEMS_MAX = 32;

/** The rule of a field, by its name and type. @throws Error for a number without a range in the table below */
export function ruleOf(field: AvroField): FieldRule {
  const type = withoutNull(field.type);
  if (field.name === "customerId") return { kind: "customerId" };
  if (IDS.has(field.name)) return ID;
  if (field.name === "currency") return { kind: "currency" };
  const numberRule = RANGES.get(field.name);
  if (numberRule !== undefined && typeof type === "string") return numberRule;
  return ruleOfType(type, field.name);
}

/** The first thing wrong with a value of the rule's type, null if nothing is. */
export function violation(rule: FieldRule, value: unknown, path: string): InputProblem | null {
  switch (rule.kind) {
    case "range": {
      const number = value as number;
      // Written so that NaN fails too.
      if (number >= rule.min && number <= rule.max) return null;
      return new InputProblem(rule.code, path, `must be a number from ${rule.min} to ${rule.max}`);
    }
    case "text":
      return fitsBytes(value as string, TEXT_BYTES_MAX)
        ? null
        : new InputProblem("STRING_TOO_LONG", path, `must be at most ${TEXT_BYTES_MAX} bytes of UTF-8`);
    case "customerId":
      if (!isAddressable(value as string)) {
        return new InputProblem("ID_INVALID", path, "must not be . or .., which no address can name");
      }
      return violation(ID, value, path);
    case "id":
      return isId(value as string)
        ? null
        : new InputProblem(
            "ID_INVALID",
            path,
            `must be 1 to ${ID_BYTES_MAX} bytes of UTF-8 without control characters`,
          );
    case "time":
      return isTime(value as number)
        ? null
        : new InputProblem("TIME_OUT_OF_RANGE", path, "must be a time from 1970 to 9999");
    case "symbol":
      return value !== "UNKNOWN"
        ? null
        : new InputProblem("UNKNOWN_SYMBOL", path, "must be a kind that this version knows");
    case "currency":
      return isCurrency(value as string)
        ? null
        : new InputProblem("CURRENCY_UNKNOWN", path, "must be a currency known by its ISO 4217 code, such as EUR");
    case "flag":
      return null;
    case "map":
      return mapViolation(rule, value as Readonly<Record<string, unknown>>, path);
    case "list":
      return listViolation(rule, value as readonly unknown[], path);
  }
  return rule satisfies never;
}

/** The type a value has where it is not null. */
export function withoutNull(type: AvroSchema): AvroSchema {
  if (!isUnion(type)) return type;
  const branches = type.filter((branch) => branch !== "null");
  const [only] = branches;
  if (only === undefined || branches.length > 1) throw new Error("an input field has one type, or that and null");
  return only;
}

/** Clients take `.` and `..` out of an address: nobody could ask for a customer of that name, nor erase him. */
export function isAddressable(customerId: string): boolean {
  return customerId !== "." && customerId !== "..";
}

const ID: FieldRule = { kind: "id" };
const IDS: ReadonlySet<string> = new Set(["eventId", "complaintId", "orderId", "referredCustomerId", "mergedInto"]);

const AMOUNT = range(0, AMOUNT_MINOR_MAX, "AMOUNT_OUT_OF_RANGE");
const SIGNED_AMOUNT = range(-AMOUNT_MINOR_MAX, AMOUNT_MINOR_MAX, "AMOUNT_OUT_OF_RANGE");

/** Field names mean the same in every topic. Upper bounds without a reason of their own keep sums finite. */
const RANGES: ReadonlyMap<string, FieldRule> = new Map([
  ["amountMinor", AMOUNT],
  ["discountMinor", AMOUNT],
  ["acquisitionCostMinor", AMOUNT],
  ["creditLimitMinor", AMOUNT],
  ["potentialSpendMinor", AMOUNT],
  ["marginMinor", SIGNED_AMOUNT],
  ["balanceMinor", SIGNED_AMOUNT],
  ["assetsMinor", SIGNED_AMOUNT],
  ["quantity", range(0, 1e9)],
  ["weight", range(0, 1e6)],
  // The widest scale; the record's own scale is checked with it.
  ["rating", range(0, 10)],
  ["expected", range(0, 10)],
  ["sentiment", range(-1, 1)],
  ["termDays", range(1, 36_525)],
  ["severity", range(1, 5)],
  ["debtRatio", range(0, 1e6)],
  ["solvencyRatio", range(0, 1e6)],
  ["strategicImportance", range(0, 1)],
  ["paymentTermsDays", range(0, 3_650)],
]);

const CUSTOM_NUMBER = range(-1e15, 1e15);

function range(min: number, max: number, code: RangeCode = "NUMBER_OUT_OF_RANGE"): FieldRule {
  return { kind: "range", min, max, code };
}

function ruleOfType(type: AvroSchema, name: string): FieldRule {
  if (type === "string") return { kind: "text" };
  if (type === "boolean") return { kind: "flag" };
  if (typeof type === "object" && !isUnion(type)) {
    switch (type.type) {
      case "long":
        return { kind: "time" };
      case "enum":
        return { kind: "symbol" };
      case "map":
        return {
          kind: "map",
          values: type.values === "double" ? CUSTOM_NUMBER : ruleOfType(type.values, name),
          entriesMax: ATTRIBUTES_MAX,
        };
      case "array":
        return { kind: "list", items: ruleOfType(type.items, name), itemsMax: ITEMS_MAX };
      case "record":
    }
  }
  throw new Error(`the input field ${name} needs a rule`);
}

function mapViolation(
  rule: FieldRule & { readonly kind: "map" },
  map: Readonly<Record<string, unknown>>,
  path: string,
): InputProblem | null {
  let entries = 0;
  for (const key in map) {
    if (++entries > rule.entriesMax) {
      return new InputProblem("TOO_MANY_ATTRIBUTES", path, `must have at most ${rule.entriesMax} entries`);
    }
    if (!isId(key)) {
      return new InputProblem(
        "NAME_INVALID",
        path,
        `names must be 1 to ${ID_BYTES_MAX} bytes of UTF-8 without control characters`,
      );
    }
    const wrong = violation(rule.values, map[key], path);
    if (wrong !== null) return wrong;
  }
  return null;
}

function listViolation(
  rule: FieldRule & { readonly kind: "list" },
  list: readonly unknown[],
  path: string,
): InputProblem | null {
  if (list.length > rule.itemsMax) {
    return new InputProblem("TOO_MANY_ITEMS", path, `must have at most ${rule.itemsMax} items`);
  }
  for (const item of list) {
    const wrong = violation(rule.items, item, path);
    if (wrong !== null) return wrong;
  }
  return null;
}

function isId(text: string): boolean {
  return text.length > 0 && fitsBytes(text, ID_BYTES_MAX) && !CONTROL.test(text) && text.isWellFormed();
}

/** C0, delete and C1. */
// oxlint-disable-next-line eslint/no-control-regex
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;

function fitsBytes(text: string, bytesMax: number): boolean {
  // A UTF-16 unit is 1 to 3 bytes of UTF-8: most strings need not be measured.
  if (text.length * 3 <= bytesMax) return true;
  return text.length <= bytesMax && Buffer.byteLength(text) <= bytesMax;
}

import { readFileSync } from "node:fs";
import { type AlertStanding, openContracts, type Profile, PROFILE_BYTES_MAX, TIME_MS_MAX } from "@tidemark/contracts";
import fc from "fast-check";
import { expect, test } from "vitest";
import { ACCOUNTS_BYTES_MAX } from "./account-list.ts";
import { SUBJECTS_MAX } from "./alerts/standing-alerts.ts";
import { CUSTOM_NAME_BYTES_MAX, FACT_BYTES_MAX } from "./apply-customer.ts";
import { DAYS_MAX } from "./apply-purchase.ts";
import { MODEL_WORD_BYTES_MAX } from "./artefact.ts";
import { COMPLAINT_CATEGORIES } from "./complaint-categories.ts";
import { COMPLAINT_LIST_BYTES_MAX } from "./complaint-list.ts";
import { EXPOSURES_BYTES_MAX } from "./exposure-list.ts";
import { FEEDBACK } from "./feedback-list.ts";
import { FINGERPRINT_BYTES } from "./fingerprint.ts";
import { HAZARD_TERMS } from "./hazard/hazard.ts";
import { tableBytesMax } from "./name-table.ts";
import { ORDER_DETAILS_BYTES_MAX, ORDERS_BYTES_MAX } from "./order-list.ts";
import { NUMBER_BYTES_MAX, writeNumber } from "./packed-numbers.ts";
import { PRODUCTS } from "./product-list.ts";
import { CATEGORIES, CATEGORY_NAMES_BYTES_MAX, CHANNELS } from "./purchase-breadth.ts";
import { SEEN_IDS_MAX } from "./seen-ids.ts";
import { TIER_MOVES_BYTES_MAX } from "./tier-moves.ts";
import { WEEK_SUMS, WEEKS_MAX } from "./week-list.ts";

/*
 * The profile stays below its bound by construction: every list as long as its named bound lets it be, every name as long as it may be, every
 * number of the size that takes most bytes, all at once. What is assumed beside the named bounds is said here; were it not so, the check of whoever
 * encodes would quarantine the one customer.
 */

/** In the life of one customer: one every ten seconds for three years. */
const EVENTS_MAX = 1e7;
/** Sums of money are refused beyond it. */
const SUM_MINOR_MAX = 2 ** 52;
/** The last day of the year 9999, where times end. */
const DAY_MAX = Math.ceil(TIME_MS_MAX / 86_400_000);
/** Of `custom`: a record has no more attributes. */
const CUSTOM_MAX = 16;
const CUSTOMER_ID_BYTES_MAX = 128;
/** The largest that avsc writes. */
const LONG_MAX = Number.MAX_SAFE_INTEGER - 1;

/** Days apart, purchases and spend of the days kept: none is negative, so that not all of them can be large. */
const DAYS_BYTES_MAX =
  packedBytesMax(DAYS_MAX, DAY_MAX) + packedBytesMax(DAYS_MAX, EVENTS_MAX) + packedBytesMax(DAYS_MAX, SUM_MINOR_MAX);

/** Sums of a week that may be negative and cancel, or are not bounded over all weeks: margin, what it is of, costs. */
const WEEK_MONEY_SUMS = 3;
// A list that holds older weeks still is short: they are taken out before it is long.
/** An event counts in two of the others at most; zigzag doubles them. */
const WEEK_COUNTS_MAX = 2 * 2 * EVENTS_MAX;
const WEEKS_BYTES_MAX =
  packedBytesMax(WEEKS_MAX, DAY_MAX / 7) +
  packedBytesMax(WEEKS_MAX, WEEKS_MAX * 2 ** WEEK_SUMS.length) +
  WEEKS_MAX * WEEK_MONEY_SUMS * NUMBER_BYTES_MAX +
  // Refunds.
  packedBytesMax(WEEKS_MAX, 2 * SUM_MINOR_MAX) +
  packedBytesMax(WEEKS_MAX * (WEEK_SUMS.length - WEEK_MONEY_SUMS - 1), WEEK_COUNTS_MAX);

/** Bytes of each field that has no size of its own, by its path. */
const BYTES_MAX: Readonly<Record<string, number>> = {
  customerId: CUSTOMER_ID_BYTES_MAX,
  "model.name": MODEL_WORD_BYTES_MAX,
  "model.version": MODEL_WORD_BYTES_MAX,
  segment: FACT_BYTES_MAX,
  industry: FACT_BYTES_MAX,
  region: FACT_BYTES_MAX,
  seen: SEEN_IDS_MAX * FINGERPRINT_BYTES,
  days: DAYS_BYTES_MAX,
  // Of profiles from before `weeks` alone: what fills any of the lists that are newer has emptied it before.
  refundDays: 0,
  orders: ORDERS_BYTES_MAX,
  complaintList: COMPLAINT_LIST_BYTES_MAX,
  weeks: WEEKS_BYTES_MAX,
  categories: tableBytesMax(CATEGORIES),
  channels: tableBytesMax(CHANNELS),
  orderDetails: ORDER_DETAILS_BYTES_MAX,
  products: tableBytesMax(PRODUCTS),
  feedback: tableBytesMax(FEEDBACK),
  accounts: ACCOUNTS_BYTES_MAX,
  "standing.cause": Math.max(
    ...[...HAZARD_TERMS.map(({ code }) => code), "CONTRACT_RENEWAL"].map(({ length }) => length),
  ),
  tierMoves: TIER_MOVES_BYTES_MAX,
  categoryNames: CATEGORY_NAMES_BYTES_MAX,
  complaintCategories: tableBytesMax(COMPLAINT_CATEGORIES),
  exposures: EXPOSURES_BYTES_MAX,
  "review.subject": 2 * FINGERPRINT_BYTES,
};

/** Fields that count events, by their path; all other whole numbers may be as large as their type lets them be. */
const COUNTS: ReadonlySet<string> = new Set(
  (
    "applied late clamped purchases refunds cancellations payments complaints purchasesJudged trade.settled trade.settledInTime " +
    "voice.responses voice.resolved voice.judged voice.satisfied voice.referralsConverted"
  ).split(" "),
);

const SUBJECT = "f".repeat(2 * FINGERPRINT_BYTES);

/** Lists of records, by their path. */
const LISTS: Readonly<Record<string, unknown>> = {
  interactions: Array.from({ length: interactionKinds() }, () => EVENTS_MAX),
  "facts.custom": Object.fromEntries(
    Array.from({ length: CUSTOM_MAX }, (_, i) => [`${i}`.padEnd(CUSTOM_NAME_BYTES_MAX, "x"), 1e15]),
  ),
  // Of churn one a band, of losses one, of reviews one, of the others one a subject; of none more than SUBJECTS_MAX.
  alerts: [
    ...Array.from({ length: SUBJECTS_MAX }, () => alert("CHURN", "", 0.7)),
    alert("LOSS_MAKING", "", null),
    alert("NEGATIVE_REVIEW", SUBJECT, null),
    ...Array.from({ length: SUBJECTS_MAX }, () => alert("COMPLAINT_OVERDUE", SUBJECT, null)),
    ...Array.from({ length: SUBJECTS_MAX }, () => alert("PAYMENT_OVERDUE", SUBJECT, null)),
  ],
};

test("a profile with all of its bounds reached at once is below its own", async () => {
  const registry = {
    register: async () => 1,
    fetch: async () => {
      throw new Error("nothing is fetched");
    },
  };
  const { codecs } = await openContracts({ registry, prefix: "t." });
  const largest = largestOf(schemaOf("processor-state"), "") as Profile;
  const bytes = codecs.processorState.encode(largest).length;
  process.stdout.write(`the largest profile has ${bytes} of ${PROFILE_BYTES_MAX} bytes\n`);
  expect(bytes).toBeLessThan(PROFILE_BYTES_MAX);
});

test("no numbers that add up to a total take more bytes than are reckoned with", () => {
  const scratch = Buffer.alloc(NUMBER_BYTES_MAX);
  const sizes = fc.integer({ min: 0, max: 40 }).chain((bits) => fc.integer({ min: 0, max: 2 ** bits }));
  fc.assert(
    fc.property(fc.array(sizes, { minLength: 1, maxLength: 60 }), (numbers) => {
      const bytes = numbers.reduce((sum, number) => sum + writeNumber(scratch, 0, number), 0);
      const total = numbers.reduce((sum, number) => sum + number, 0);
      expect(bytes).toBeLessThanOrEqual(packedBytesMax(numbers.length, total));
    }),
  );
  // And it is reached: two bytes from 128 on, three from 16,384 on.
  expect([127, 128, 255, 256, 16_512].map((total) => packedBytesMax(2, total))).toEqual([2, 3, 3, 4, 5]);
});

/** The value of a type that takes most bytes. @throws Error where nobody says how long it may be */
function largestOf(type: AvroType, path: string): unknown {
  if (path in LISTS) return LISTS[path];
  if (isUnion(type)) return largestOf(type.find((branch) => branch !== "null") ?? "null", path);
  const definition: AvroDefinition = typeof type === "string" ? { type } : type;
  const { type: kind, logicalType, symbols = [], fields = [] } = definition;
  switch (kind) {
    case "record":
      return Object.fromEntries(
        fields.map(({ name, type: of }) => [name, largestOf(of, path === "" ? name : `${path}.${name}`)]),
      );
    case "enum":
      return symbols.at(-1);
    case "boolean":
      return true;
    case "int":
      // Days, numbers of days, and what is smaller.
      return DAY_MAX;
    case "long":
      if (COUNTS.has(path)) return EVENTS_MAX;
      return logicalType === "timestamp-millis" ? TIME_MS_MAX : LONG_MAX;
    case "double":
      return 0.1;
    case "string":
      return "x".repeat(bytesMaxOf(path));
    case "bytes":
      return Buffer.alloc(bytesMaxOf(path));
    default:
      throw new Error(`${path} is of a type without a bound`);
  }
}

function isUnion(type: AvroType): type is readonly AvroType[] {
  return Array.isArray(type);
}

function bytesMaxOf(path: string): number {
  const bytes = BYTES_MAX[path];
  if (bytes === undefined) throw new Error(`${path} has no bound here`);
  return bytes;
}

/**
 * The most bytes that numbers of 7 bits a byte take, of which none is negative and which add up to a total: each has one byte, and the
 * dearer a further one is, the fewer can have it.
 */
function packedBytesMax(count: number, total: number): number {
  let bytes = count;
  let rest = total;
  for (let longer = 2; longer <= NUMBER_BYTES_MAX; longer++) {
    const least = 2 ** (7 * (longer - 1)) - (longer === 2 ? 0 : 2 ** (7 * (longer - 2)));
    const lengthened = Math.min(count, Math.floor(rest / least));
    bytes += lengthened;
    rest -= lengthened * least;
    if (lengthened < count) break;
  }
  return bytes;
}

function alert(kind: AlertStanding["kind"], subject: string, band: number | null): AlertStanding {
  return { kind, subject, band, raisedAt: TIME_MS_MAX, version: LONG_MAX, cleared: true };
}

type AvroType = string | AvroDefinition | readonly AvroType[];

interface AvroDefinition {
  readonly type: string;
  readonly logicalType?: string;
  readonly symbols?: readonly string[];
  readonly fields?: readonly AvroField[];
}

interface AvroField {
  readonly name: string;
  readonly type: AvroType;
}

function schemaOf(topic: string): AvroDefinition {
  return JSON.parse(readFileSync(new URL(`../../../schemas/${topic}.avsc`, import.meta.url), "utf8")) as AvroDefinition;
}

/** How many there are: their counts stand at their places among the symbols. */
function interactionKinds(): number {
  const kind = schemaOf("interactions").fields?.find(({ name }) => name === "kind")?.type;
  const { symbols = [] } = kind as AvroDefinition;
  return symbols.length;
}

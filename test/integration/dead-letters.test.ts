import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { DeadLetter } from "@tidemark/contracts";
import { BATCH_BYTES_MAX, partitionOf, type RecordToAppend } from "@tidemark/streams";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type PurchaseBytes, purchaseBytes } from "./avro-purchase.ts";
import { type DataLog, openDataLog } from "./data-log.ts";
import { type Finished, openSandbox, type Sandbox } from "./sandbox.ts";
import { until } from "./until.ts";

/** Part of every id and text below: it must turn up in no log line, no metric and no problem (I10). */
const CANARY = `canary${randomBytes(4).toString("hex")}`;
const DIRECTORY = "data";
const PARTITIONS = 4;

/** A record that must not be taken, and how its dead letter says why. */
interface BadRecord {
  readonly name: string;
  readonly topic?: "purchases" | "interactions" | "complaints";
  readonly make: (place: Place) => RecordToAppend;
  readonly code: string;
  readonly reason: RegExp;
  /** The letter has no room for it. */
  readonly isValueLeftOut?: true;
}

/** Where a record goes, and the id of a customer who belongs there. */
interface Place {
  readonly partition: number;
  readonly id: string;
  readonly data: DataLog;
}

const right = ({ id, data }: Place, more: Partial<PurchaseBytes> = {}): Buffer =>
  purchaseBytes({
    schemaId: data.contracts.codecs.purchases.schemaId,
    eventId: `${CANARY}-${randomBytes(4).toString("hex")}`,
    customerId: id,
    occurredAt: BigInt(Date.now() - 86_400_000),
    amountMinor: 1999n,
    category: CANARY,
    ...more,
  });

const keyed = (id: string, value: Uint8Array | null): RecordToAppend => ({ key: Buffer.from(id), value });

/** A purchase that is right but for some fields. */
const purchase =
  (more: Partial<PurchaseBytes>): BadRecord["make"] =>
  (place) =>
    keyed(place.id, right(place, more));

/** A purchase with its bytes changed. */
const spoilt =
  (spoil: (value: Buffer) => Uint8Array): BadRecord["make"] =>
  (place) =>
    keyed(place.id, spoil(right(place)));

const BAD_RECORDS: readonly BadRecord[] = [
  {
    name: "truncated",
    make: spoilt((value) => value.subarray(0, value.length - 7)),
    code: "MALFORMED_RECORD",
    reason: /the value ends before its schema does/,
  },
  {
    name: "with bytes after its end",
    make: spoilt((value) => Buffer.concat([value, Buffer.from([0])])),
    code: "MALFORMED_RECORD",
    reason: /the value goes on after its last field/,
  },
  {
    name: "empty",
    make: spoilt(() => Buffer.of()),
    code: "MALFORMED_RECORD",
    reason: /does not begin with a zero byte and a schema id/,
  },
  {
    name: "of another wire format",
    make: purchase({ magic: 1 }),
    code: "MALFORMED_RECORD",
    reason: /does not begin with a zero byte and a schema id/,
  },
  {
    name: "of a schema that nobody registered",
    make: purchase({ schemaId: 70_000 }),
    code: "SCHEMA_UNKNOWN",
    reason: /the registry has no schema 70000/,
  },
  {
    name: "of another topic's schema",
    make: (place) => purchase({ schemaId: place.data.contracts.codecs.ticks.schemaId })(place),
    code: "SCHEMA_MISMATCH",
    reason: /schema \d+ cannot be read as tidemark.Purchase/,
  },
  {
    name: "with text that is not UTF-8",
    make: purchase({ category: Buffer.from([0x63, 0xff, 0xfe]) }),
    code: "MALFORMED_RECORD",
    reason: /a string is not UTF-8/,
  },
  {
    name: "of a kind that there is not",
    make: purchase({ kind: 99 }),
    code: "MALFORMED_RECORD",
    reason: /an enum or union has no such alternative/,
  },
  {
    name: "of the unknown kind",
    make: purchase({ kind: 0 }),
    code: "UNKNOWN_SYMBOL",
    reason: /^\/kind must be a kind that this version knows$/,
  },
  {
    name: "of an amount beyond the bound",
    make: purchase({ amountMinor: 10n ** 12n + 1n }),
    code: "AMOUNT_OUT_OF_RANGE",
    reason: /^\/amountMinor must be a number from 0 to 1000000000000$/,
  },
  {
    name: "of a negative amount",
    make: purchase({ amountMinor: -1n }),
    code: "AMOUNT_OUT_OF_RANGE",
    reason: /^\/amountMinor must be a number from 0/,
  },
  {
    name: "of an amount of 2^63 - 1",
    make: purchase({ amountMinor: 2n ** 63n - 1n }),
    code: "MALFORMED_RECORD",
    reason: /a number is too large to be exact/,
  },
  {
    name: "with a quantity that is no number",
    make: purchase({ quantity: Number.NaN }),
    code: "NUMBER_OUT_OF_RANGE",
    reason: /^\/quantity must be a number from 0/,
  },
  {
    name: "with an infinite quantity",
    make: purchase({ quantity: Number.POSITIVE_INFINITY }),
    code: "NUMBER_OUT_OF_RANGE",
    reason: /^\/quantity must be a number from 0/,
  },
  {
    name: "of the year 9999",
    make: purchase({ occurredAt: BigInt(Date.UTC(9999, 5)) }),
    code: "TIME_OUT_OF_RANGE",
    reason: /^\/occurredAt is before 1970 or more than 7 days ahead$/,
  },
  {
    name: "of the year -1",
    make: purchase({ occurredAt: BigInt(new Date("-000001-06-01T00:00:00Z").getTime()) }),
    code: "TIME_OUT_OF_RANGE",
    reason: /^\/occurredAt must be a time from 1970 to 9999$/,
  },
  {
    name: "of the time -2^63",
    make: purchase({ occurredAt: -(2n ** 63n) }),
    code: "MALFORMED_RECORD",
    reason: /a number is too large to be exact/,
  },
  {
    name: "of an unknown currency",
    make: purchase({ currency: "XQZ" }),
    code: "CURRENCY_UNKNOWN",
    reason: /^\/currency must be a currency known by its ISO 4217 code, such as EUR$/,
  },
  {
    name: "of a currency without a rate",
    make: purchase({ currency: "JPY" }),
    code: "NO_RATE",
    reason: /^\/currency has no rate to the base currency in the model$/,
  },
  {
    name: "with an empty event id",
    make: purchase({ eventId: "" }),
    code: "ID_INVALID",
    reason: /^\/eventId must be 1 to 128 bytes of UTF-8 without control characters$/,
  },
  {
    name: "with an event id of 850 kB",
    make: purchase({ eventId: CANARY.padEnd(850_000, "x") }),
    code: "ID_INVALID",
    reason: /^\/eventId must be 1 to 128 bytes/,
  },
  {
    name: "with a control character in the event id",
    make: purchase({ eventId: `${CANARY}\u0007` }),
    code: "ID_INVALID",
    reason: /^\/eventId must be 1 to 128 bytes of UTF-8 without control characters$/,
  },
  {
    name: "of a customer without an id",
    make: (place) => keyed("", right({ ...place, id: "" })),
    code: "ID_INVALID",
    reason: /^\/customerId must be 1 to 128 bytes/,
  },
  {
    name: "of a customer whose id is as long as a key can be",
    make: (place) => keyed(place.id, right(place)),
    code: "ID_INVALID",
    reason: /^\/customerId must be 1 to 128 bytes/,
  },
  {
    name: "under another customer's key",
    make: (place) => keyed(place.id, right({ ...place, id: `${place.id}-other` })),
    code: "KEY_MISMATCH",
    reason: /^the record's key is not its customerId$/,
  },
  {
    name: "without a key",
    make: (place) => ({ key: null, value: right(place) }),
    code: "KEY_MISSING",
    reason: /^the record has no key$/,
  },
  {
    name: "in another partition than its key's",
    make: (place) => {
      const id = idIn((place.partition + 1) % PARTITIONS, CANARY);
      return keyed(id, right({ ...place, id }));
    },
    code: "WRONG_PARTITION",
    reason: /^the key belongs to another partition: was it produced with another partitioner\?$/,
  },
  {
    name: "a tombstone",
    make: ({ id }) => keyed(id, null),
    code: "VALUE_MISSING",
    reason: /^the record has no value$/,
  },
  {
    name: "of 800 kB",
    make: purchase({ category: CANARY.padEnd(800_000, "x") }),
    code: "STRING_TOO_LONG",
    reason: /^\/category must be at most 1024 bytes of UTF-8$/,
  },
  {
    name: "as large as the log takes",
    make: (place) => {
      const withText = (length: number): Buffer => right(place, { category: CANARY.padEnd(length, "x") });
      const others = withText(800_000).length - 800_000;
      return keyed(place.id, withText(BATCH_BYTES_MAX - Buffer.byteLength(place.id) - others));
    },
    code: "STRING_TOO_LONG",
    reason: /^\/category must be at most 1024 bytes of UTF-8; the value is too large for a dead letter: it is at this/,
    isValueLeftOut: true,
  },
  {
    name: "an interaction whose weight is no number",
    topic: "interactions",
    make: ({ id, data }) => {
      const nothing = {
        channel: null,
        campaign: null,
        experiment: null,
        arm: null,
        respondedAt: null,
        rating: null,
        scale: null,
        dimension: null,
        expected: null,
        sentiment: null,
        referredCustomerId: null,
        converted: null,
        plan: null,
        termDays: null,
        renewsAt: null,
        amountMinor: null,
        currency: null,
        product: null,
        balanceMinor: null,
      };
      const value = { ...commonOf(id), ...nothing, kind: "VISIT", weight: Number.NaN } as const;
      return keyed(id, data.contracts.codecs.interactions.encode(value));
    },
    code: "NUMBER_OUT_OF_RANGE",
    reason: /^\/weight must be a number from 0/,
  },
  {
    name: "a complaint graver than grave",
    topic: "complaints",
    make: ({ id, data }) => {
      const value = { ...commonOf(id), kind: "OPENED", complaintId: CANARY, severity: 6 } as const;
      return keyed(id, data.contracts.codecs.complaints.encode({ ...value, category: CANARY, satisfied: null }));
    },
    code: "NUMBER_OUT_OF_RANGE",
    reason: /^\/severity must be a number from 1 to 5$/,
  },
];

interface Written extends BadRecord {
  readonly partition: number;
  readonly offset: number;
  readonly record: RecordToAppend;
  /** Has a purchase of 1.00 before the bad record and one of 2.00 after it, in the same partition. */
  readonly neighbour: string;
}

let sandbox: Sandbox;
let written: readonly Written[];
let profiles: ReadonlyMap<string, ProfileBody>;
let problems: readonly string[];
let metrics: string;
let end: Finished;

/** Bad records are written to the log of a server that does not run; it starts, works them off, and is stopped. */
beforeAll(async () => {
  sandbox = await openSandbox();
  const row = "customer,time,amount\nsomebody,2024-01-01,1.00\n";
  expect(await sandbox.run(["import", "-", "--data-dir", DIRECTORY], { input: row })).toMatchObject({ code: 0 });
  written = await writeAll();

  const server = await sandbox.start(["--data-dir", DIRECTORY, "--log-level", "debug"]);
  profiles = await neighboursOnceApplied(server.url);
  problems = await provokeProblems(server.url);
  metrics = await (await fetch(`${server.url}/metrics`)).text();
  end = await server.stop();
}, 120_000);
afterAll(() => sandbox[Symbol.asyncDispose]());

test("each bad record is in the dead letters once, as it came, with a reason for people", async () => {
  await using data = await openDataLog(join(sandbox.folder, DIRECTORY));
  const { topics, codecs } = data.contracts;
  const letters = (await data.read(topics.deadLetters)).flat().map(({ value }) => {
    return codecs.deadLetters.decode(value ?? Buffer.of());
  });
  const placeOf = ({ topic, partition, offset }: Pick<DeadLetter, "topic" | "partition" | "offset">): string =>
    `${topic} ${partition} ${offset}`;
  const byPlace = Map.groupBy(letters, placeOf);
  for (const { name, topic = "purchases", partition, offset, code, reason, isValueLeftOut, ...bad } of written) {
    const [letter, ...others] = byPlace.get(placeOf({ topic: topics[topic], partition, offset })) ?? [];
    expect({ name, code: letter?.code, others }).toEqual({ name, code, others: [] });
    expect(letter?.reason).toMatch(reason);
    expect(letter?.reason).not.toContain(CANARY);
    const came = { key: bad.record.key, value: isValueLeftOut === true ? null : bad.record.value };
    expect({ name, isAsItCame: isSame(letter?.key, came.key) && isSame(letter?.value, came.value) }).toEqual({
      name,
      isAsItCame: true,
    });
  }
  expect(letters).toHaveLength(BAD_RECORDS.length);
});

test("their neighbours in the same partition go through", () => {
  for (const { name, neighbour } of written) {
    const { purchases, spendMinor } = profiles.get(neighbour) ?? {};
    expect({ name, purchases, spendMinor }).toEqual({ name, purchases: 2, spendMinor: 300 });
  }
});

test("no task stops or starts again for them", () => {
  expect(end).toMatchObject({ code: 0 });
  const lines = end.stderr
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { readonly level: string; readonly msg: string; readonly state?: string });
  expect(lines.filter(({ state }) => state === "running")).toHaveLength(PARTITIONS);
  expect(lines.filter(({ level }) => level !== "debug" && level !== "info")).toEqual([]);
});

test("nothing of a record gets into output, logs, metrics or problems", () => {
  expect(metrics).toContain("tidemark_events_total");
  expect(problems.length).toBeGreaterThan(0);
  for (const text of [end.stdout, end.stderr, metrics, ...problems]) expect(text).not.toContain(CANARY);
});

test("what is larger than the log takes is refused to whoever writes it", async () => {
  await using data = await openDataLog(join(sandbox.folder, DIRECTORY));
  const topic = data.contracts.topics.purchases;
  const place = { data, partition: 0, id: idIn(0, CANARY) };
  const tooLarge = keyed(place.id, right(place, { eventId: "x".repeat(1_000_000) }));
  const keyTooLong = keyed("x".repeat(1_000_000), null);
  for (const [record, bound] of [
    [tooLarge, /at most 900,000 bytes/],
    [keyTooLong, /at most 1,024 bytes/],
  ] as const) {
    await expect(data.log.append([{ topic, partition: 0, records: [record] }])).rejects.toThrow(bound);
  }
});

async function writeAll(): Promise<readonly Written[]> {
  await using data = await openDataLog(join(sandbox.folder, DIRECTORY));
  const { topics } = data.contracts;
  const all: Written[] = [];
  for (const [index, bad] of BAD_RECORDS.entries()) {
    // An empty key has a partition of its own.
    const partition = bad.name.includes("without an id") ? partitionOf(Buffer.of(), PARTITIONS) : index % PARTITIONS;
    const longest = bad.name.includes("as long as a key") ? 1024 : 0;
    const place = { data, partition, id: idIn(partition, `${CANARY}-bad-${index}`, longest) };
    const neighbour = idIn(partition, `${CANARY}-neighbour-${index}`);
    const append = async (name: keyof typeof topics, record: RecordToAppend): Promise<number> => {
      const { offsetsBase } = await data.log.append([{ topic: topics[name], partition, records: [record] }]);
      return offsetsBase[0] ?? -1;
    };
    const record = bad.make(place);
    await append("purchases", keyed(neighbour, right({ ...place, id: neighbour }, { amountMinor: 100n })));
    const offset = await append(bad.topic ?? "purchases", record);
    await append("purchases", keyed(neighbour, right({ ...place, id: neighbour }, { amountMinor: 200n })));
    all.push({ ...bad, partition, offset, record, neighbour });
  }
  return all;
}

/** The first id of these, numbered, whose partition it is. */
function idIn(partition: number, name: string, length = 0): string {
  for (let number = 0; ; number += 1) {
    const id = `${name}-${number}`.padEnd(length, "x");
    if (partitionOf(Buffer.from(id), PARTITIONS) === partition) return id;
  }
}

function commonOf(customerId: string) {
  const occurredAt = Date.now() - 86_400_000;
  return { eventId: `${CANARY}-${customerId}`, customerId, occurredAt, source: CANARY, attributes: {} };
}

interface ProfileBody {
  readonly purchases: number;
  readonly spendMinor: number;
}

async function neighboursOnceApplied(url: string): Promise<ReadonlyMap<string, ProfileBody>> {
  const found = new Map<string, ProfileBody>();
  for (const { name, neighbour } of written) {
    const profile = await until(`the purchase after the record ${name} is applied`, async () => {
      const response = await fetch(`${url}/v1/customers/${neighbour}`);
      const body = (await response.json()) as { readonly profile: ProfileBody };
      return response.status === 200 && body.profile.purchases > 1 ? body.profile : null;
    });
    found.set(neighbour, profile);
  }
  return found;
}

/** Bodies of problems that are about values with the canary in them. */
async function provokeProblems(url: string): Promise<readonly string[]> {
  const event = { type: "purchase", eventId: CANARY, customerId: CANARY, occurredAt: "2024-01-01T00:00:00Z" };
  const bodies = [
    {
      events: [
        { ...event, colour: CANARY },
        { ...event, [`of ${CANARY}`]: 1 },
      ],
    },
    { events: [{ ...event, customerId: CANARY.padEnd(900_000, "x") }] },
    { events: [{ ...event, occurredAt: CANARY, amountMinor: CANARY, currency: CANARY }] },
    { [CANARY]: CANARY },
  ];
  const calls: (readonly [path: string, init?: RequestInit])[] = [
    ...bodies.map((body) => [JSON.stringify(body)] as const),
    [`{"events": ${CANARY}`] as const,
  ].map(([body]) => ["/v1/events", { method: "POST", headers: { "content-type": "application/json" }, body }] as const);
  calls.push(
    [`/v1/customers/${CANARY}-unknown`],
    [`/v1/customers/${CANARY}?at=${CANARY}`],
    [`/v1/streams/scores?tier=${CANARY}`],
    [`/${CANARY}`],
  );
  const texts: string[] = [];
  for (const [path, init] of calls) {
    const response = await fetch(`${url}${path}`, init);
    expect(response.headers.get("content-type")).toContain("application/problem+json");
    texts.push(await response.text());
  }
  return texts;
}

function isSame(one: Uint8Array | null | undefined, other: Uint8Array | string | null): boolean {
  if (one === undefined || one === null || other === null) return one === other;
  return Buffer.compare(one, Buffer.from(other)) === 0;
}

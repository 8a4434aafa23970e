import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as after } from "node:timers/promises";
import { systemClock } from "@tidemark/clock";
import { type EmbeddedLog, openEmbeddedLog } from "@tidemark/log-embedded";
import { type LogRecord, parseChangelogKey } from "@tidemark/streams";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { CustomerState } from "./customer-state.ts";
import { type PlainEvent, type PlainResult, plainScores } from "./plain-scores.ts";
import { SCHEMA_IDS, SCHEMAS } from "./schemas.ts";
import { startScoring } from "./scoring-tasks.ts";
import type { Score } from "./value-model.ts";
import { wireCodec } from "./wire-codec.ts";
import { type EncodedEvent, EVENTS_WANTED, workloadEvents } from "./workload-events.ts";
import { inputSpecs, ownSpecs, PARTITIONS, workloadTopics } from "./workload-topics.ts";

const SCORE = wireCodec<Score>(SCHEMA_IDS.score, SCHEMAS.score);
const STATE = wireCodec<CustomerState>(SCHEMA_IDS.state, SCHEMAS.state);
const PURCHASE = wireCodec<{ occurredAt: number; amountMinor: number }>(SCHEMA_IDS.purchase, SCHEMAS.purchase);
const INTERACTION = wireCodec<{ occurredAt: number; type: string }>(SCHEMA_IDS.interaction, SCHEMAS.interaction);
const COMPLAINT = wireCodec<{ occurredAt: number; resolved: boolean }>(SCHEMA_IDS.complaint, SCHEMAS.complaint);
const NOTHING = { occurredAt: Number.NaN, amountMinor: Number.NaN, type: "", resolved: false };
const TYPES = ["VISIT", "SEARCH", "CART", "EMAIL_OPEN", "EMAIL_CLICK", "SUPPORT"];

/** The program run on 3,000 events of 40 customers, some in an order that is not that of their times. */
const TOPICS = workloadTopics("bench.", "bench.own.");
const EVENTS = shuffledPairs([...workloadEvents({ ...EVENTS_WANTED, events: 3_000, customers: 40, cover: true })]);
const expected = expectedByCustomer(EVENTS);

const clock = systemClock();
let directory: string;
let log: EmbeddedLog;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "tidemark-workload-"));
  log = await openEmbeddedLog({ directory: join(directory, "log"), clock });
  await log.createTopics([...inputSpecs(TOPICS), ...ownSpecs(TOPICS)]);
  // A customer's events have a millisecond each, so that the order in which the topics are merged is known.
  let appendedAt = 0;
  const problems: unknown[] = [];
  const scoring = await startScoring({
    log,
    clock,
    topics: TOPICS,
    stores: join(directory, "stores"),
    onRecovery: (error) => problems.push(error),
  });
  for (const together of ofDifferentCustomers(EVENTS)) {
    const batches = together.map(({ input, partition, record }) => {
      return { topic: TOPICS.inputs[input], partition, records: [record] };
    });
    ({ appendedAt } = await log.append(batches, { after: appendedAt }));
  }
  while (!scoring.ready || scoring.lagRecords > 0) await Promise.race([after(5), scoring.ended]);
  await scoring.stop();
  expect(problems).toEqual([]);
});

afterAll(async () => {
  await log.close();
  await rm(directory, { recursive: true, force: true });
});

test("each score is what its customer's events give when they are computed plainly", async () => {
  const scores = await read(TOPICS.scores);
  const newest = new Map<string, number>();
  for (const { key, value } of scores) {
    const score = SCORE.decode(value ?? new Uint8Array());
    if (score === null) throw new Error("a score has the schema of scores");
    expect(Buffer.from(key ?? []).toString()).toBe(score.customerId);
    expect(score.version).toBeGreaterThan(newest.get(score.customerId) ?? 0);
    newest.set(score.customerId, score.version);
    const plain = expected.get(score.customerId)?.[score.version - 1];
    if (plain === undefined) throw new Error("a score is of a customer's event");
    expect([score.asOf, score.tier]).toEqual([plain.asOf, plain.tier]);
    for (const [is, shouldBe] of [
      [score.valueMinor, plain.valueMinor],
      [score.churnRisk, plain.churnRisk],
      ...score.reasons.map((reason, index) => [reason, plain.reasons[index]]),
    ] as [number, number][]) {
      expect({ is, near: near(is, shouldBe) }).toEqual({ is, near: true });
    }
  }
  expect(newest).toEqual(new Map([...expected].map(([customer, results]) => [customer, results.length])));
});

test("the changelog ends with each customer's state", async () => {
  const states = new Map<string, CustomerState | null>();
  for (const { key, value } of await read(TOPICS.changelog)) {
    const parsed = parseChangelogKey(key ?? new Uint8Array());
    if (parsed?.kind === "state" && value !== null) states.set(parsed.key, STATE.decode(value));
  }
  expect(new Set(states.keys())).toEqual(new Set(expected.keys()));
  for (const [customer, state] of states) {
    for (const [field, shouldBe] of Object.entries(expected.get(customer)?.at(-1)?.state ?? {})) {
      const is = state?.[field as keyof CustomerState];
      if (typeof is === "number" && typeof shouldBe === "number") {
        expect({ [field]: near(is, shouldBe) }).toEqual({ [field]: true });
      } else {
        expect({ [field]: is }).toEqual({ [field]: shouldBe });
      }
    }
  }
});

function near(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(b));
}

/** The events in their order, cut before each that is of a customer who is in the part already. */
function ofDifferentCustomers(events: readonly EncodedEvent[]): EncodedEvent[][] {
  const parts: EncodedEvent[][] = [];
  let customers = new Set<string>();
  for (const event of events) {
    const customer = Buffer.from(event.record.key).toString();
    if (parts.length === 0 || customers.has(customer)) {
      parts.push([]);
      customers = new Set();
    }
    customers.add(customer);
    parts.at(-1)?.push(event);
  }
  return parts;
}

function shuffledPairs(events: EncodedEvent[]): EncodedEvent[] {
  // Every 7th event changes places with one 29 later: some of these are of one customer, by days apart.
  for (let i = 0; i + 29 < events.length; i += 7) {
    const [early, late] = [events[i], events[i + 29]] as [EncodedEvent, EncodedEvent];
    events[i] = late;
    events[i + 29] = early;
  }
  return events;
}

function expectedByCustomer(events: readonly EncodedEvent[]): Map<string, readonly PlainResult[]> {
  const byCustomer = Map.groupBy(events, ({ record }) => Buffer.from(record.key).toString());
  return new Map([...byCustomer].map(([customer, theirs]) => [customer, plainScores(theirs.map(plainEvent))]));
}

function plainEvent({ input, record: { value } }: EncodedEvent): PlainEvent {
  if (input === "purchases") {
    const { occurredAt: at, amountMinor } = PURCHASE.decode(value) ?? NOTHING;
    return { kind: "purchase", at, amountMinor };
  }
  if (input === "interactions") {
    const { occurredAt: at, type } = INTERACTION.decode(value) ?? NOTHING;
    return { kind: "interaction", at, type: TYPES.indexOf(type) };
  }
  const { occurredAt: at, resolved } = COMPLAINT.decode(value) ?? NOTHING;
  return { kind: "complaint", at, resolved };
}

async function read(topic: string): Promise<LogRecord[]> {
  const records: LogRecord[] = [];
  for (let partition = 0; partition < PARTITIONS; partition++) {
    const { start, end } = await log.offsets(topic, partition);
    for (let offset = start; offset < end;) {
      const [slice] = await log.fetch([{ topic, partition, offset }], {
        bytesMaxPerPartition: 1e6,
        waitMsMax: 0,
        signal: new AbortController().signal,
      });
      records.push(...(slice?.records ?? []));
      offset = slice?.offsetNext ?? end;
    }
  }
  return records;
}

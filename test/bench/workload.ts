import type { Complaint, Contracts, Interaction, InteractionKind, Purchase } from "@tidemark/contracts";
import { type EventLog, type PartitionBatch, partitionOf, type RecordToAppend } from "@tidemark/streams";
import { seededFraction, zipf } from "./zipf.ts";

/**
 * The mix that the Kafka Streams peer is measured with, in this project's own records: 85 % interactions, 13 %
 * purchases, 2 % complaints; customers by Zipf 0.8; two years of event time; seeded.
 */
export interface Workload {
  readonly events: number;
  readonly customers: number;
  readonly seed: number;
  /** The first `customers` events go to each customer once. */
  readonly cover: boolean;
  /** Leaves out all but purchases; `events` is then their number. */
  readonly purchasesOnly: boolean;
  /** Event time of the first event, ms. */
  readonly startAt: number;
  readonly spanDays: number;
}

const DAY_MS = 86_400_000;
const EVENTS_A_CALL = 10_000;

/** Of all amounts, and of a new installation. */
export const CURRENCY = "EUR";

export const WORKLOAD: Workload = {
  events: 1_000_000,
  customers: 100_000,
  seed: 1,
  cover: false,
  purchasesOnly: false,
  startAt: Date.UTC(2023, 0, 1),
  spanDays: 730,
};

export interface GeneratedEvent {
  readonly topic: "purchases" | "interactions" | "complaints";
  readonly customerId: string;
  readonly record: Purchase | Interaction | Complaint;
}

export function customerId(index: number): string {
  return `c${index.toString().padStart(8, "0")}`;
}

export function* generate(workload: Workload): Generator<GeneratedEvent> {
  const fraction = seededFraction(workload.seed);
  const next = zipf(workload.customers, 0.8, fraction);
  const stepMs = (workload.spanDays * DAY_MS) / Math.max(1, workload.events);
  for (let i = 0; i < workload.events; i++) {
    const customer = customerId(workload.cover && i < workload.customers ? i : next());
    const occurredAt = Math.floor(workload.startAt + i * stepMs);
    const id = `${workload.seed.toString().padStart(3, "0")}-${i.toString().padStart(11, "0")}`;
    const kind = workload.purchasesOnly ? PURCHASE_DRAW : fraction();
    const of = { customerId: customer };
    if (kind < 0.85) yield { ...of, topic: "interactions", record: interaction(id, customer, occurredAt, fraction) };
    else if (kind < 0.98) yield { ...of, topic: "purchases", record: purchase(id, customer, occurredAt, fraction) };
    else yield { ...of, topic: "complaints", record: complaint(id, customer, occurredAt, fraction) };
  }
}

/** A draw that falls among the purchases. */
const PURCHASE_DRAW = 0.9;

/** An event as it is appended to the log. */
export interface EncodedEvent {
  readonly topic: string;
  readonly partition: number;
  readonly record: RecordToAppend;
}

export function encodeEvent(contracts: Contracts, partitions: number, event: GeneratedEvent): EncodedEvent {
  const key = Buffer.from(event.customerId);
  const codec: { encode(value: unknown): Uint8Array } = contracts.codecs[event.topic];
  return {
    topic: contracts.topics[event.topic],
    partition: partitionOf(key, partitions),
    record: { key, value: codec.encode(event.record) },
  };
}

/** Appends the workload; resolves when all of it is durable. */
export async function appendWorkload(
  log: EventLog,
  contracts: Contracts,
  partitions: number,
  workload: Workload,
): Promise<void> {
  let batches = new Map<string, PartitionBatch & { readonly records: RecordToAppend[] }>();
  let pending = 0;
  const flush = async (): Promise<void> => {
    await log.append([...batches.values()]);
    batches = new Map();
    pending = 0;
  };
  for (const event of generate(workload)) {
    const { topic, partition, record } = encodeEvent(contracts, partitions, event);
    const id = `${topic} ${partition}`;
    let batch = batches.get(id);
    if (batch === undefined) {
      batch = { topic, partition, records: [] };
      batches.set(id, batch);
    }
    batch.records.push(record);
    if (++pending >= EVENTS_A_CALL) await flush();
  }
  if (pending > 0) await flush();
}

const KINDS: readonly (readonly [number, InteractionKind])[] = [
  [0.45, "VISIT"],
  [0.65, "SEARCH"],
  [0.78, "CART"],
  [0.92, "EMAIL_OPEN"],
  [0.97, "EMAIL_CLICK"],
  [1, "SUPPORT"],
];
const CHANNELS = ["web", "app", "store", null];

function interaction(eventId: string, customer: string, occurredAt: number, fraction: () => number): Interaction {
  const draw = fraction();
  return {
    ...common(eventId, customer, occurredAt),
    kind: KINDS.find(([below]) => draw < below)?.[1] ?? "VISIT",
    channel: CHANNELS[Math.floor(fraction() * 4)] ?? null,
    weight: 1,
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
}

/** Log-normal amounts with a median of 25.00. */
function purchase(eventId: string, customer: string, occurredAt: number, fraction: () => number): Purchase {
  const gaussian = Math.sqrt(-2 * Math.log(1 - fraction())) * Math.cos(2 * Math.PI * fraction());
  return {
    ...common(eventId, customer, occurredAt),
    kind: "PURCHASE",
    orderId: `o${eventId}`,
    amountMinor: Math.max(100, Math.floor(2_500 * Math.exp(0.8 * gaussian))),
    marginMinor: null,
    discountMinor: null,
    currency: CURRENCY,
    quantity: 1 + Math.floor(fraction() * 4),
    category: null,
    channel: CHANNELS[Math.floor(fraction() * 4)] ?? null,
    dueAt: null,
    originalOccurredAt: null,
    acquisitionChannel: null,
    acquisitionCostMinor: null,
  };
}

function complaint(eventId: string, customer: string, occurredAt: number, fraction: () => number): Complaint {
  return {
    ...common(eventId, customer, occurredAt),
    complaintId: `m${customer}-${Math.floor(fraction() * 3)}`,
    severity: 1 + Math.floor(fraction() * 5),
    kind: fraction() < 0.4 ? "RESOLVED" : "OPENED",
    category: null,
    satisfied: null,
  };
}

function common(
  eventId: string,
  customer: string,
  occurredAt: number,
): Pick<Purchase, "eventId" | "customerId" | "occurredAt" | "source" | "attributes"> {
  return { eventId, customerId: customer, occurredAt, source: null, attributes: {} };
}

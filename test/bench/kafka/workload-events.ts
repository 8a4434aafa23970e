import { type EventLog, type PartitionBatch, partitionOf, type RecordToAppend } from "@tidemark/streams";
import { seededFraction, zipf } from "../zipf.ts";
import { SCHEMA_IDS, SCHEMAS } from "./schemas.ts";
import { wireCodec } from "./wire-codec.ts";
import { type InputName, PARTITIONS, type WorkloadTopics } from "./workload-topics.ts";

export interface EventsWanted {
  readonly events: number;
  readonly customers: number;
  readonly seed: number;
  /** The first `customers` events go to each customer once. */
  readonly cover: boolean;
  /** Event time of the first event, ms, and the span of all. */
  readonly startAt: number;
  readonly spanDays: number;
}

export const EVENTS_WANTED: EventsWanted = {
  events: 1_000_000,
  customers: 100_000,
  seed: 1,
  cover: false,
  startAt: Date.UTC(2023, 0, 1),
  spanDays: 730,
};

export interface EncodedEvent {
  readonly input: InputName;
  readonly partition: number;
  readonly record: RecordToAppend & { readonly key: Uint8Array; readonly value: Uint8Array };
}

/** 85 % interactions, 13 % purchases, 2 % complaints; customers by Zipf 0.8; the event times rise. */
export function* workloadEvents(wanted: EventsWanted): Generator<EncodedEvent> {
  const fraction = seededFraction(wanted.seed);
  const nextCustomer = zipf(wanted.customers, 0.8, fraction);
  const stepMs = (wanted.spanDays * DAY_MS) / Math.max(1, wanted.events);
  for (let i = 0; i < wanted.events; i++) {
    const customerId = idOf("c", wanted.cover && i < wanted.customers ? i : nextCustomer(), 8);
    const of = { eventId: idOf("e", i, 15), customerId, occurredAt: Math.floor(wanted.startAt + i * stepMs) };
    const kind = fraction();
    const { input, value } =
      kind < 0.85 ? interaction(of, fraction) : kind < 0.98 ? purchase(of, i, fraction) : complaint(of, i, fraction);
    const key = Buffer.from(customerId);
    yield { input, partition: partitionOf(key, PARTITIONS), record: { key, value } };
  }
}

/** Appends the events; resolves when all are durable. */
export async function appendEvents(log: EventLog, topics: WorkloadTopics, wanted: EventsWanted): Promise<void> {
  let batches = new Map<string, PartitionBatch & { readonly records: RecordToAppend[] }>();
  let pending = 0;
  const flush = async (): Promise<void> => {
    await log.append([...batches.values()]);
    batches = new Map();
    pending = 0;
  };
  for (const { input, partition, record } of workloadEvents(wanted)) {
    const id = `${input} ${partition}`;
    let batch = batches.get(id);
    if (batch === undefined) {
      batch = { topic: topics.inputs[input], partition, records: [] };
      batches.set(id, batch);
    }
    batch.records.push(record);
    if (++pending >= EVENTS_A_CALL) await flush();
  }
  if (pending > 0) await flush();
}

interface Common {
  readonly eventId: string;
  readonly customerId: string;
  readonly occurredAt: number;
}

type Encoded = Pick<EncodedEvent, "input"> & { readonly value: Uint8Array };

function interaction(of: Common, fraction: () => number): Encoded {
  const draw = fraction();
  const type = TYPES.find(([below]) => draw < below)?.[1] ?? "VISIT";
  const value = INTERACTION.encode({ ...of, type, channel: channel(fraction) });
  return { input: "interactions", value };
}

/** Log-normal amounts with a median of 25.00. */
function purchase(of: Common, index: number, fraction: () => number): Encoded {
  const gaussian = Math.sqrt(-2 * Math.log(1 - fraction())) * Math.cos(2 * Math.PI * fraction());
  const value = PURCHASE.encode({
    ...of,
    orderId: idOf("o", index, 15),
    amountMinor: Math.max(100, Math.floor(2_500 * Math.exp(0.8 * gaussian))),
    currency: "EUR",
    quantity: 1 + Math.floor(fraction() * 4),
    channel: channel(fraction),
  });
  return { input: "purchases", value };
}

function complaint(of: Common, index: number, fraction: () => number): Encoded {
  const complaintId = idOf("m", index, 15);
  const value = COMPLAINT.encode({
    ...of,
    complaintId,
    severity: 1 + Math.floor(fraction() * 5),
    resolved: fraction() < 0.4,
  });
  return { input: "complaints", value };
}

function channel(fraction: () => number): string | null {
  return CHANNELS[Math.floor(fraction() * 4)] ?? null;
}

function idOf(letter: string, index: number, digits: number): string {
  return letter + index.toString().padStart(digits, "0");
}

const DAY_MS = 86_400_000;
/** Of all inputs and partitions: a batch stays far below its bound of bytes. */
const EVENTS_A_CALL = 10_000;
const CHANNELS = ["web", "app", "store", null];
const TYPES: readonly (readonly [number, string])[] = [
  [0.45, "VISIT"],
  [0.65, "SEARCH"],
  [0.78, "CART"],
  [0.92, "EMAIL_OPEN"],
  [0.97, "EMAIL_CLICK"],
  [1, "SUPPORT"],
];
const PURCHASE = wireCodec(SCHEMA_IDS.purchase, SCHEMAS.purchase);
const INTERACTION = wireCodec(SCHEMA_IDS.interaction, SCHEMAS.interaction);
const COMPLAINT = wireCodec(SCHEMA_IDS.complaint, SCHEMAS.complaint);

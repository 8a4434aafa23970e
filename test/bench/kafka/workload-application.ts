import { type Application, type Decoded, type JournalCodec, oneModel, type Refusal } from "@tidemark/streams";
import {
  applyComplaint,
  applyInteraction,
  applyPurchase,
  type Complaint,
  type CustomerState,
  type Interaction,
  newCustomer,
  type Purchase,
} from "./customer-state.ts";
import { partOf, SCHEMA_IDS, SCHEMAS } from "./schemas.ts";
import { moveTier, type Score, scoreOf } from "./value-model.ts";
import { type WireCodec, wireCodec } from "./wire-codec.ts";
import type { WorkloadTopics } from "./workload-topics.ts";

/** A customer whose record is at hand. The id is the record's key: the state that is kept does not repeat it. */
export interface Customer {
  customerId: string;
  readonly state: CustomerState;
}

export interface WorkloadEvent {
  readonly customerId: string;
  readonly record: Purchase | Interaction | Complaint;
}

/**
 * The job of the Kafka Streams peer as the runtime runs it: three topics to a state of each customer and his score, coalesced to
 * the last of a turn. It has no timers. Like the peer it reads of a record only what it needs, and takes its key for the customer.
 */
export function workloadApplication({
  inputs,
  scores,
  deadLetters,
}: WorkloadTopics): Application<Customer, WorkloadEvent> {
  return {
    inputs: [inputs.purchases, inputs.interactions, inputs.complaints],
    schemaMissing: () => null,
    loadSchema: () => Promise.resolve(),
    decode(input, key, value): Decoded<WorkloadEvent> {
      const record = read(EVENTS[input], value);
      return record === null ? MALFORMED : { kind: "event", event: { customerId: key, record } };
    },

    create: (key) => ({ customerId: key, state: newCustomer() }),
    decodeState(bytes) {
      const state = STATE.decode(bytes);
      if (state === null) throw new Error("a state was written with the schema of states");
      return { customerId: "", state };
    },
    encodeState: ({ state }) => STATE.encode(state),
    dueOf: () => null,
    due: () => null,
    postpone: () => undefined,

    apply(customer, { customerId, record }) {
      const { state } = customer;
      customer.customerId = customerId;
      if ("amountMinor" in record) applyPurchase(state, record);
      else if ("type" in record) applyInteraction(state, record);
      else applyComplaint(state, record);
      moveTier(state);
      return "applied";
    },
    score({ customerId, state }, at, context) {
      context.emit({
        topic: scores,
        key: Buffer.from(customerId, "latin1"),
        value: SCORE.encode(scoreOf(customerId, state, at)),
      });
      return true;
    },
    deadLetter: ({ key, value }) => ({ topic: deadLetters, key, value }),
    journal: JOURNAL,
    models: oneModel("bench"),
  };
}

const EVENTS: readonly WireCodec<WorkloadEvent["record"]>[] = [
  wireCodec<Purchase>(SCHEMA_IDS.purchase, SCHEMAS.purchase, partOf(SCHEMAS.purchase, ["occurredAt", "amountMinor"])),
  wireCodec<Interaction>(
    SCHEMA_IDS.interaction,
    SCHEMAS.interaction,
    partOf(SCHEMAS.interaction, ["occurredAt", "type"]),
  ),
  wireCodec<Complaint>(SCHEMA_IDS.complaint, SCHEMAS.complaint, partOf(SCHEMAS.complaint, ["occurredAt", "resolved"])),
];
const STATE = wireCodec<CustomerState>(SCHEMA_IDS.state, SCHEMAS.state);
export const SCORE = wireCodec<Score>(SCHEMA_IDS.score, SCHEMAS.score);

const MALFORMED: Refusal = { kind: "refused", code: "MALFORMED", reason: "not a record of the topic's schema" };

function read<T>(codec: WireCodec<T> | undefined, value: Uint8Array): T | null {
  try {
    return codec?.decode(value) ?? null;
  } catch {
    // avsc throws at bytes that are not of the schema; its message may quote them.
    return null;
  }
}

const JOURNAL: JournalCodec = {
  encodeEntry: json,
  decodeEntry: (bytes) => parse(bytes) as ReturnType<JournalCodec["decodeEntry"]>,
  encodeBarrier: json,
  decodeBarrier: (bytes) => parse(bytes) as ReturnType<JournalCodec["decodeBarrier"]>,
};

function json(value: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(value));
}

function parse(bytes: Uint8Array): unknown {
  return JSON.parse(Buffer.from(bytes).toString());
}

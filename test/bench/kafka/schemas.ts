import type { Schema } from "avsc";

/**
 * The records that the Kafka Streams peer reads and writes, and the ids that they have in the wire format without a registry. A test
 * holds them to the peer's own files, where these are.
 */
export const SCHEMAS = {
  purchase: record("Purchase", [
    ...common(),
    { name: "orderId", type: "string" },
    { name: "amountMinor", type: "long" },
    { name: "currency", type: "string" },
    { name: "quantity", type: "int" },
    { name: "channel", type: ["null", "string"], default: null },
  ]),
  interaction: record("Interaction", [
    ...common(),
    {
      name: "type",
      type: {
        type: "enum",
        name: "InteractionType",
        symbols: ["VISIT", "SEARCH", "CART", "EMAIL_OPEN", "EMAIL_CLICK", "SUPPORT"],
      },
    },
    { name: "channel", type: ["null", "string"], default: null },
  ]),
  complaint: record("Complaint", [
    ...common(),
    { name: "complaintId", type: "string" },
    { name: "severity", type: "int" },
    { name: "resolved", type: "boolean" },
  ]),
  state: record("CustomerState", [
    { name: "firstPurchaseDay", type: "int" },
    { name: "lastPurchaseDay", type: "int" },
    { name: "purchaseDays", type: "int" },
    { name: "purchases", type: "int" },
    { name: "spendMinor", type: "long" },
    { name: "interactions", type: { type: "array", items: "int" } },
    { name: "complaintsOpen", type: "int" },
    { name: "complaintsTotal", type: "int" },
    { name: "spendDecayed", type: "double" },
    { name: "activityDecayed", type: "double" },
    { name: "complaintDecayed", type: "double" },
    { name: "decayedAt", type: "long" },
    { name: "dailySpendMinor", type: { type: "array", items: "long" } },
    { name: "lastDay", type: "int" },
    { name: "tier", type: "int" },
    { name: "version", type: "long" },
  ]),
  score: record("Score", [
    { name: "customerId", type: "string" },
    { name: "version", type: "long" },
    { name: "asOf", type: "long" },
    { name: "valueMinor", type: "double" },
    { name: "churnRisk", type: "double" },
    { name: "tier", type: "int" },
    { name: "reasons", type: { type: "array", items: "double" } },
    { name: "producedAt", type: "long" },
  ]),
} as const;

export const SCHEMA_IDS = { purchase: 1, interaction: 2, complaint: 3, state: 4, score: 5 } as const;

/** A schema of the same name that reads some of another's fields: what it leaves out is skipped, not decoded. */
export function partOf(schema: RecordSchema, fields: readonly string[]): RecordSchema {
  return { ...schema, fields: schema.fields.filter(({ name }) => fields.includes(name)) };
}

interface RecordSchema {
  readonly type: "record";
  readonly name: string;
  readonly namespace: "bench";
  readonly fields: readonly Field[];
}

interface Field {
  readonly name: string;
  readonly type: Schema;
  readonly default?: null;
}

function record(name: string, fields: readonly Field[]): RecordSchema {
  return { type: "record", name, namespace: "bench", fields };
}

function common(): readonly Field[] {
  return [
    { name: "eventId", type: "string" },
    { name: "customerId", type: "string" },
    { name: "occurredAt", type: { type: "long", logicalType: "timestamp-millis" } },
  ];
}

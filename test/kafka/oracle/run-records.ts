/** One record as it lies in a topic. */
export interface ReadRecord {
  readonly offset: number;
  /** ms since the epoch, by the log. */
  readonly appendedAt: number;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
}

/** The inputs in rank order, as DESIGN has it: what is known of a customer comes before what he did. */
export const INPUT_NAMES = ["customers", "purchases", "interactions", "complaints"] as const;
export const OUTPUT_NAMES = [
  "scores",
  "tierChanges",
  "churnAlerts",
  "deadLetters",
  "processorState",
  "journal",
] as const;
export const TOPIC_NAMES = [...INPUT_NAMES, ...OUTPUT_NAMES] as const;

export type InputName = (typeof INPUT_NAMES)[number];
export type TopicName = (typeof TOPIC_NAMES)[number];

/** Everything a run left, committed, by topic and partition, in the order of offsets. */
export interface RunRecords {
  readonly partitions: number;
  readonly topics: Readonly<Record<TopicName, readonly (readonly ReadRecord[])[]>>;
  /** The topics' full names, as the journal says them. */
  readonly fullNames: Readonly<Record<TopicName, string>>;
  /** A value by the schema that its header names; null where it is not such a value. */
  decode(value: Buffer | null): unknown;
}

export function textOf(bytes: Uint8Array | null): string {
  return Buffer.from(bytes ?? []).toString();
}

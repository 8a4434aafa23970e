import type { Application, Refusal } from "./application.ts";
import type { LogRecord } from "./event-log.ts";
import type { InputRecord, InputTopic } from "./merge.ts";
import { partitionOf } from "./partitioner.ts";

/** A record with what it says. */
export interface DecodedRecord<Event> extends InputRecord {
  readonly key: string;
  readonly content: Content<Event>;
}

export type Content<Event> =
  | { readonly kind: "event"; readonly event: Event }
  | { readonly kind: "tick"; readonly at: number }
  | Refusal;

export interface SchemaMissing {
  readonly kind: "schema-missing";
  readonly schemaId: number;
}

export interface InputPartition {
  readonly partition: number;
  /** Of every keyed topic. */
  readonly partitions: number;
}

/** Topics of an application in rank order, the TICK topic last. */
export function inputTopics({
  inputs,
  ticks,
}: Pick<Application<never, never>, "inputs" | "ticks">): readonly InputTopic[] {
  const topics = inputs.map((topic, rank) => ({ topic, rank, holdsTicks: false }));
  return ticks === undefined ? topics : [...topics, { topic: ticks.topic, rank: topics.length, holdsTicks: true }];
}

/**
 * What one record of an input says: an event, a TICK, or why it is refused.
 * @param text the record's key as {@link keyText} gives it
 */
export function decodeInput<State, Event>(
  application: Application<State, Event>,
  { partition, partitions }: InputPartition,
  rank: number,
  { key, value }: LogRecord,
  text: string,
): Content<Event> | SchemaMissing {
  if (application.ticks !== undefined && rank === application.inputs.length) {
    const at = value === null ? null : application.ticks.decode(value);
    if (at === null || !Number.isSafeInteger(at)) {
      return refusal("MALFORMED", "the TICK cannot be read, or its time is no whole millisecond");
    }
    return { kind: "tick", at };
  }
  if (key === null) return refusal("KEY_MISSING", "the record has no key");
  if (partitionOf(key, partitions) !== partition) {
    return refusal(
      "WRONG_PARTITION",
      "the key belongs to another partition: was it produced with another partitioner?",
    );
  }
  if (value === null) return refusal("VALUE_MISSING", "the record has no value");
  return application.decode(rank, text, value);
}

export function keyText(key: Uint8Array | null): string {
  return key === null ? "" : Buffer.from(key.buffer, key.byteOffset, key.length).toString();
}

function refusal(code: string, reason: string): Refusal {
  return { kind: "refused", code, reason };
}

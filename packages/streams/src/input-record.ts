import type { Application, Refusal } from "./application.ts";
import type { InputRecord, InputTopic } from "./merge.ts";
import { partitionOf } from "./partitioner.ts";

export interface InputPartition {
  readonly partition: number;
  /** Of every keyed topic. */
  readonly partitions: number;
}

/** A TICK of clock mode `event`. */
export interface ReadTick {
  readonly kind: "tick";
  /** ms since the epoch. */
  readonly at: number;
}

/** Topics of an application in rank order, the TICK topic last. */
export function inputTopics({
  inputs,
  ticks,
}: Pick<Application<never, never>, "inputs" | "ticks">): readonly InputTopic[] {
  const topics = inputs.map((topic, rank) => ({ topic, rank, holdsTicks: false }));
  return ticks === undefined ? topics : [...topics, { topic: ticks.topic, rank: topics.length, holdsTicks: true }];
}

/** Whose record it is: a key, whose value, if there is one, is still to be looked at; or it is a TICK; or why it is nobody's. */
export function addresseeOf(
  application: Pick<Application<never, never>, "inputs" | "ticks">,
  { partition, partitions }: InputPartition,
  { input, record }: InputRecord,
): string | ReadTick | Refusal {
  const { key } = record;
  if (application.ticks !== undefined && input === application.inputs.length) {
    const { value } = record;
    const at = value === null ? null : application.ticks.decode(value);
    return at !== null && Number.isSafeInteger(at)
      ? { kind: "tick", at }
      : refusal("MALFORMED", "the TICK cannot be read, or its time is no whole millisecond");
  }
  if (key === null) return refusal("KEY_MISSING", "the record has no key");
  if (partitionOf(key, partitions) !== partition) {
    return refusal(
      "WRONG_PARTITION",
      "the key belongs to another partition: was it produced with another partitioner?",
    );
  }
  if (key[0] === 0) return refusal("KEY_INVALID", "no key begins with a zero");
  return textOf(key);
}

function textOf(bytes: Uint8Array): string {
  return (Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)).toString();
}

function refusal(code: string, reason: string): Refusal {
  return { kind: "refused", code, reason };
}

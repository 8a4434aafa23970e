import type { ShopEvent } from "../../integration/shop-events.ts";
import { keyPartitioner } from "./key-partitioner.ts";
import type { InputName, ReadRecord, RunRecords } from "./run-records.ts";
import { textOf } from "./run-records.ts";

/** What must become of an input record. */
export type Fate =
  | { readonly kind: "applied" | "duplicate"; readonly event: ShopEvent }
  | { readonly kind: "deadLetter"; readonly code: "WRONG_PARTITION" | "KEY_MISMATCH" | "MALFORMED_RECORD" };

/**
 * Judges records one after the other, in the order in which they are taken; of one partition. The partition of a key is
 * asked of kafkajs, whose partitioner is Java's.
 */
export function fateTeller(run: RunRecords, partition: number): (input: InputName, record: ReadRecord) => Fate {
  const seen = new Map<string, Set<string>>();
  const partitionOf = keyPartitioner(run.partitions);
  return (input, record) => {
    if (partitionOf(record.key) !== partition) return { kind: "deadLetter", code: "WRONG_PARTITION" };
    const fields = run.decode(record.value) as { readonly customerId: string; readonly eventId: string } | null;
    if (fields === null) return { kind: "deadLetter", code: "MALFORMED_RECORD" };
    if (fields.customerId !== textOf(record.key)) return { kind: "deadLetter", code: "KEY_MISMATCH" };
    // Topics are named in the plural of what an event is.
    const event = { ...fields, type: input.slice(0, -1) } as unknown as ShopEvent;
    const known = seen.get(fields.customerId) ?? new Set<string>();
    seen.set(fields.customerId, known);
    if (known.has(fields.eventId)) return { kind: "duplicate", event };
    known.add(fields.eventId);
    return { kind: "applied", event };
  };
}

import type { LogRecord, Slice } from "@tidemark/streams";
import { placeOf, type TopicPartition } from "./place.ts";

/**
 * What came with a fetch beyond what was asked for, since a broker sends whole batches. The next fetch, which goes on
 * where the slice ended, has it from here; so a large batch is sent and decoded once and not once for each slice.
 */
export class Remainders {
  readonly #bytesMax: number;
  #bytes = 0;
  /** By place, oldest first; above the bound the oldest go, and are fetched again. */
  readonly #kept = new Map<string, Remainder>();

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** The part of a slice that keeps to the bound, at least one record if there is one; the rest is kept. */
  cut(slice: Slice, bytesMax: number): Slice {
    const { records } = slice;
    let count = 0;
    let bytes = 0;
    for (; count < records.length; count += 1) {
      bytes += records[count]?.bytes ?? 0;
      if (count > 0 && bytes > bytesMax) break;
    }
    const rest = records[count];
    if (rest === undefined) return slice;
    this.#keep({ slice: { ...slice, records: records.slice(count) }, offset: rest.offset });
    const taken = records.slice(0, count);
    return { ...slice, records: taken, offsetNext: rest.offset, completeTo: timeOf(taken) };
  }

  /** What is kept from exactly this offset on; it is not kept any more. */
  take(place: TopicPartition, offset: number): Slice | null {
    const kept = this.#kept.get(placeOf(place));
    if (kept === undefined) return null;
    this.#drop(kept);
    return kept.offset === offset ? kept.slice : null;
  }

  #keep(remainder: Remainder): void {
    const former = this.#kept.get(placeOf(remainder.slice));
    if (former !== undefined) this.#drop(former);
    this.#kept.set(placeOf(remainder.slice), remainder);
    this.#bytes += bytesOf(remainder.slice.records);
    for (const oldest of this.#kept.values()) {
      if (this.#bytes <= this.#bytesMax) break;
      this.#drop(oldest);
    }
  }

  #drop({ slice }: Remainder): void {
    this.#kept.delete(placeOf(slice));
    this.#bytes -= bytesOf(slice.records);
  }
}

interface Remainder {
  readonly slice: Slice;
  /** Of its first record. */
  readonly offset: number;
}

function bytesOf(records: readonly LogRecord[]): number {
  return records.reduce((sum, { bytes }) => sum + bytes, 0);
}

function timeOf(records: readonly LogRecord[]): number {
  return records.at(-1)?.appendedAt ?? Number.NEGATIVE_INFINITY;
}

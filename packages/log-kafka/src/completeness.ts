import type { LogRecord } from "@tidemark/streams";
import { placeOf, type TopicPartition } from "./place.ts";

/** No record at an offset ≥ `offset` has an append time < `time`, ms since the epoch. */
export interface Complete {
  readonly offset: number;
  readonly time: number;
}

/**
 * What slices promise of the future (L6).
 *
 * With every fetch the leader is asked for the append end of each partition: where the next record will go, behind
 * those too that the replicas do not have yet or whose transaction is open. Records at or past that end were stamped
 * after the question was sent, by the leader's clock, of which `BrokerClocks` knows a time that it had reached. So
 * where a slice has come to that end, it is complete to this time, less the moment (`BrokerPace`) between the stamp
 * of a batch and the move of the append end. Neither the last stable offset nor the high
 * watermark would do: between them and the append end lie records with times long past that are not visible yet.
 *
 * All of this takes the brokers' clocks to be in step and not to run back, as L3 does: a partition that moves to a
 * leader whose clock is behind goes on with times that are lower by the difference. Kafka itself does not prevent it;
 * the merge then takes such records in their order, where it stands.
 *
 *  F1 Where the append end was not reached, a slice is complete to its last record's append time (L3), or to what was
 *     promised before of an offset at or before its own end; with neither, to −Infinity.
 *  F2 What is promised of a partition's end never falls.
 */
export class Completeness {
  /** The newest promise of every partition that was ever read to its end. */
  readonly #promised = new Map<string, Complete>();

  /**
   * @param records of the slice, which ends at `offsetNext`
   * @param appendEnd with a time that the leader's clock had reached when it told the offset
   */
  completeTo(place: TopicPartition, records: readonly LogRecord[], offsetNext: number, appendEnd: Complete): number {
    const last = records.at(-1)?.appendedAt ?? Number.NEGATIVE_INFINITY;
    const before = this.promised(place, offsetNext);
    if (offsetNext < appendEnd.offset) return Math.max(last, before);
    const time = Math.max(last, before, appendEnd.time);
    this.#promised.set(placeOf(place), { offset: offsetNext, time });
    return time;
  }

  /** What was promised of the offsets from here on; −Infinity: nothing. */
  promised(place: TopicPartition, offset: number): number {
    const promised = this.#promised.get(placeOf(place));
    return promised !== undefined && offset >= promised.offset ? promised.time : Number.NEGATIVE_INFINITY;
  }
}

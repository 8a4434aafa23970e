import type { Position } from "@tidemark/streams";
import type { BrokerRequest } from "./broker-request.ts";

export interface PositionToFetch extends Position {
  /** Bound on the record set, bytes as stored; the first batch of an answer comes whole whatever its size. */
  readonly bytesMax: number;
}

export interface FetchToSend {
  readonly positions: readonly PositionToFetch[];
  /** How long the broker waits while it has less than `bytesMin`, ms. */
  readonly waitMsMax: number;
  readonly bytesMin: number;
  /** Bound on the record sets of the whole answer, bytes as stored. */
  readonly bytesMax: number;
}

/** A transaction of which no record may be shown. */
export interface AbortedTransaction {
  readonly producerId: bigint;
  readonly offsetFirst: number;
}

/** What the broker says of one position. Offsets are −1 where `errorCode` ≠ 0 and the broker does not know. */
export interface FetchedPartition {
  readonly topic: string;
  readonly partition: number;
  /** Of Kafka's protocol; 0 = none. */
  readonly errorCode: number;
  readonly highWatermark: number;
  readonly lastStableOffset: number;
  readonly logStartOffset: number;
  /** In no order. */
  readonly abortedTransactions: readonly AbortedTransaction[];
  /** Batches one after another, the last one perhaps cut off: a view of the answer. */
  readonly recordSet: Buffer;
}

export interface FetchAnswer {
  /** Of the request as a whole; 0 = none. */
  readonly errorCode: number;
  readonly partitions: readonly FetchedPartition[];
}

/** Fetch, read_committed, without a fetch session. */
export function fetchRequest(_fetch: FetchToSend): BrokerRequest<FetchAnswer> {
  throw new Error("not written yet");
}

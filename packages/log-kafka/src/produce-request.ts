import type { BrokerRequest } from "./broker-request.ts";

export interface BatchToProduce {
  readonly topic: string;
  readonly partition: number;
  /** One encoded record batch. */
  readonly bytes: Buffer;
}

export interface ProduceToSend {
  /** null: not part of a transaction. */
  readonly transactionalId: string | null;
  /** How long the broker waits for its replicas, ms. */
  readonly timeoutMs: number;
  /** At most one for each partition. */
  readonly batches: readonly BatchToProduce[];
}

/** What became of one batch. */
export interface ProducedPartition {
  readonly topic: string;
  readonly partition: number;
  /** Of Kafka's protocol; 0 = none. */
  readonly errorCode: number;
  /** −1 where not appended, or where the broker knew the batch already and no longer knows its place. */
  readonly baseOffset: number;
  /** ms since the epoch; −1 where the topic's timestamps are CreateTime, or nothing was appended. */
  readonly logAppendTime: number;
  readonly logStartOffset: number;
}

export interface ProduceAnswer {
  /** In the broker's order. */
  readonly partitions: readonly ProducedPartition[];
}

/** Produce with acks of all in-sync replicas. */
export function produceRequest(_produce: ProduceToSend): BrokerRequest<ProduceAnswer> {
  throw new Error("not written yet");
}

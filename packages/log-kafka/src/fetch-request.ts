import type { Position } from "@tidemark/streams";
import Decoder from "kafkajs/src/protocol/decoder.js";
import Encoder from "kafkajs/src/protocol/encoder.js";
import { type BrokerRequest, partitionsByTopic, readPartitions, type Throttled } from "./broker-request.ts";

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

const NO_RECORDS = Buffer.alloc(0);

const API_KEY = 1;
/** Of Kafka 2.1: the first that brings zstd. */
const API_VERSION = 10;
/** Not a replica. */
const REPLICA_ID = -1;
const READ_COMMITTED = 1;
/** Neither a session nor one to be made: each fetch names all its positions. */
const SESSION_ID = 0;
const SESSION_EPOCH = -1;
const UNKNOWN_EPOCH = -1;
const NOT_A_FOLLOWER_OFFSET = -1;
/** Room for the strings and numbers of a request, bytes; the encoder grows beyond it. */
const REQUEST_BYTES = 1_024;
/** How much later than its wait the broker's answer may come, ms. */
const ANSWER_LATE_MS_MAX = 1_000;

/**
 * Fetch, read_committed, without a fetch session. Each partition has its own error in the answer: nothing is thrown for
 * it. Asserts that a partition is asked for once.
 */
export function fetchRequest({ positions, waitMsMax, bytesMin, bytesMax }: FetchToSend): BrokerRequest<FetchAnswer> {
  const topics = partitionsByTopic(positions);
  return {
    request: {
      apiKey: API_KEY,
      apiVersion: API_VERSION,
      apiName: "Fetch",
      encode() {
        const encoder = new Encoder(REQUEST_BYTES)
          .writeInt32(REPLICA_ID)
          .writeInt32(waitMsMax)
          .writeInt32(bytesMin)
          .writeInt32(bytesMax)
          .writeInt8(READ_COMMITTED)
          .writeInt32(SESSION_ID)
          .writeInt32(SESSION_EPOCH)
          .writeInt32(topics.size);
        for (const [topic, partitions] of topics) {
          encoder.writeString(topic).writeInt32(partitions.length);
          for (const position of partitions) {
            encoder
              .writeInt32(position.partition)
              .writeInt32(UNKNOWN_EPOCH)
              .writeInt64(position.offset)
              .writeInt64(NOT_A_FOLLOWER_OFFSET)
              .writeInt32(position.bytesMax);
          }
        }
        // No topic is taken out of a session.
        return Promise.resolve(encoder.writeInt32(0));
      },
    },
    response: {
      decode: (payload) => Promise.resolve(decodeAnswer(new Decoder(payload))),
      parse: (answer) => Promise.resolve(answer),
    },
    requestTimeout: waitMsMax + ANSWER_LATE_MS_MAX,
  };
}

function decodeAnswer(decoder: Decoder): FetchAnswer & Throttled {
  const clientSideThrottleTime = decoder.readInt32();
  const errorCode = decoder.readInt16();
  decoder.readInt32(); // the session, of which there is none
  return { clientSideThrottleTime, errorCode, partitions: readPartitions(decoder, fetchedPartition) };
}

function fetchedPartition(topic: string, decoder: Decoder): FetchedPartition {
  return {
    topic,
    partition: decoder.readInt32(),
    errorCode: decoder.readInt16(),
    highWatermark: Number(decoder.readInt64()),
    lastStableOffset: Number(decoder.readInt64()),
    logStartOffset: Number(decoder.readInt64()),
    abortedTransactions: decoder.readArray(() => ({
      producerId: decoder.readInt64(),
      offsetFirst: Number(decoder.readInt64()),
    })),
    recordSet: decoder.readBytes() ?? NO_RECORDS,
  };
}

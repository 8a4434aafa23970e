import Decoder from "kafkajs/src/protocol/decoder.js";
import Encoder from "kafkajs/src/protocol/encoder.js";
import { type BrokerRequest, partitionsByTopic, readPartitions, type Throttled } from "./broker-request.ts";
import { flexibleDecoder, flexibleEncoder, NO_TAGS, readStructures } from "./flexible.ts";

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
  /** −1 where nothing was appended. */
  readonly baseOffset: number;
  /** ms since the epoch; −1 where the topic's timestamps are CreateTime, or nothing was appended. */
  readonly logAppendTime: number;
  /** −1 where the broker does not know. */
  readonly logStartOffset: number;
}

export interface ProduceAnswer {
  /** In the broker's order. */
  readonly partitions: readonly ProducedPartition[];
}

const API_KEY = 0;
/** Of Kafka 2.1: the first that takes zstd. */
const API_VERSION = 7;
/** Of Kafka 4.0: the first that adds partitions to the transaction, and the last that calls topics by their names. */
const ADDING_API_VERSION = 12;
const ACKS_ALL = -1;
/** Room for the strings and numbers of a request, bytes; the encoder grows beyond it. */
const REQUEST_BYTES = 4_096;
/** How much later than its wait the broker's answer may come, ms. */
const ANSWER_LATE_MS_MAX = 1_000;

/**
 * Produce, with the acknowledgement of all in-sync replicas. Each partition has its own error in the answer: nothing is
 * thrown for it. Asserts that a partition is written once.
 */
export function produceRequest(toSend: ProduceToSend): BrokerRequest<ProduceAnswer> {
  const { transactionalId, timeoutMs } = toSend;
  const topics = partitionsByTopic(toSend.batches);
  function encode(): Encoder {
    const encoder = new Encoder(bytesOf(toSend))
      .writeString(transactionalId)
      .writeInt16(ACKS_ALL)
      .writeInt32(timeoutMs);
    encoder.writeInt32(topics.size);
    for (const [topic, partitions] of topics) {
      encoder.writeString(topic).writeInt32(partitions.length);
      for (const batch of partitions) encoder.writeInt32(batch.partition).writeBytes(batch.bytes);
    }
    return encoder;
  }
  return produceAs(API_VERSION, timeoutMs, encode, (payload) => decodeAnswer(new Decoder(payload)));
}

/** As {@link produceRequest}; the leader adds the partitions to the transaction before it appends. Only with `transaction.version` 2. */
export function addingProduceRequest(toSend: ProduceToSend): BrokerRequest<ProduceAnswer> {
  const { transactionalId, timeoutMs } = toSend;
  const topics = partitionsByTopic(toSend.batches);
  function encode(): Encoder {
    const encoder = flexibleEncoder(bytesOf(toSend)).writeUVarIntString(transactionalId);
    encoder
      .writeInt16(ACKS_ALL)
      .writeInt32(timeoutMs)
      .writeUVarInt(topics.size + 1);
    for (const [topic, partitions] of topics) {
      encoder.writeUVarIntString(topic).writeUVarInt(partitions.length + 1);
      for (const { partition, bytes } of partitions) {
        encoder.writeInt32(partition).writeUVarIntBytes(bytes).writeUVarInt(NO_TAGS);
      }
      encoder.writeUVarInt(NO_TAGS);
    }
    return encoder.writeUVarInt(NO_TAGS);
  }
  return produceAs(ADDING_API_VERSION, timeoutMs, encode, (payload) => decodeFlexibleAnswer(flexibleDecoder(payload)));
}

function produceAs(
  apiVersion: number,
  timeoutMs: number,
  encode: () => Encoder,
  decode: (payload: Buffer) => ProduceAnswer & Throttled,
): BrokerRequest<ProduceAnswer> {
  return {
    request: { apiKey: API_KEY, apiVersion, apiName: "Produce", encode: () => Promise.resolve(encode()) },
    response: {
      decode: (payload) => Promise.resolve(decode(payload)),
      parse: (answer) => Promise.resolve(answer),
    },
    requestTimeout: timeoutMs + ANSWER_LATE_MS_MAX,
  };
}

function bytesOf({ batches }: ProduceToSend): number {
  return batches.reduce((sum, { bytes }) => sum + bytes.length, REQUEST_BYTES);
}

function decodeAnswer(decoder: Decoder): ProduceAnswer & Throttled {
  const partitions = readPartitions(decoder, producedPartition);
  return { partitions, clientSideThrottleTime: decoder.readInt32() };
}

function decodeFlexibleAnswer(decoder: Decoder): ProduceAnswer & Throttled {
  const topics = readStructures(decoder, () => {
    const topic = decoder.readUVarIntString() ?? "";
    return readStructures(decoder, () => {
      const produced = producedPartition(topic, decoder);
      readStructures(decoder, () => [decoder.readInt32(), decoder.readUVarIntString()]); // records that were refused
      decoder.readUVarIntString(); // what the error was
      return produced;
    });
  });
  return { partitions: topics.flat(), clientSideThrottleTime: decoder.readInt32() };
}

/** What is the same in all versions. */
function producedPartition(topic: string, decoder: Decoder): ProducedPartition {
  return {
    topic,
    partition: decoder.readInt32(),
    errorCode: decoder.readInt16(),
    baseOffset: Number(decoder.readInt64()),
    logAppendTime: Number(decoder.readInt64()),
    logStartOffset: Number(decoder.readInt64()),
  };
}

import type Decoder from "kafkajs/src/protocol/decoder.js";
import { type BrokerRequest, partitionsByTopic, type Throttled } from "./broker-request.ts";
import { flexibleRequest, NO_TAGS, readStructures } from "./flexible.ts";
import type { TopicPartition } from "./place.ts";

/** What a leader knows of the transactions that are open in a partition. */
export interface OpenTransactions extends TopicPartition {
  /** Of Kafka's protocol; 0 = none. */
  readonly errorCode: number;
  readonly open: readonly OpenTransaction[];
}

export interface OpenTransaction {
  readonly producerId: string;
  readonly producerEpoch: number;
  /** Of the coordinator that ended the producer's last transaction there; −1: there is none. */
  readonly coordinatorEpoch: number;
}

export const DESCRIBE_PRODUCERS = 61;

/** DescribeProducers, of Kafka 3.0: asked of the leader of the partitions. */
export function openTransactionsRequest(
  places: readonly TopicPartition[],
): BrokerRequest<{ readonly partitions: readonly OpenTransactions[] }> {
  const topics = partitionsByTopic(places);
  return flexibleRequest({
    apiKey: DESCRIBE_PRODUCERS,
    apiVersion: 0,
    apiName: "DescribeProducers",
    write(encoder) {
      encoder.writeUVarInt(topics.size + 1);
      for (const [topic, partitions] of topics) {
        encoder.writeUVarIntString(topic).writeUVarInt(partitions.length + 1);
        for (const { partition } of partitions) encoder.writeInt32(partition);
        encoder.writeUVarInt(NO_TAGS);
      }
      return encoder;
    },
    read: decodeAnswer,
  });
}

function decodeAnswer(decoder: Decoder): { readonly partitions: readonly OpenTransactions[] } & Throttled {
  const clientSideThrottleTime = decoder.readInt32();
  const topics = readStructures(decoder, () => {
    const topic = decoder.readUVarIntString() ?? "";
    return readStructures(decoder, (): OpenTransactions => {
      const [partition, errorCode] = [decoder.readInt32(), decoder.readInt16()];
      decoder.readUVarIntString(); // what the error was
      const producers = readStructures(decoder, () => {
        const producer = { producerId: decoder.readInt64().toString(), producerEpoch: decoder.readInt32() };
        decoder.readInt32(); // the sequence of its last record
        decoder.readInt64(); // the time of it
        return { ...producer, coordinatorEpoch: decoder.readInt32(), startOffset: Number(decoder.readInt64()) };
      });
      // −1: none is open.
      const open = producers.filter(({ startOffset }) => startOffset >= 0);
      return { topic, partition, errorCode, open };
    });
  });
  return { partitions: topics.flat(), clientSideThrottleTime };
}

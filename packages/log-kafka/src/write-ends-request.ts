import type Decoder from "kafkajs/src/protocol/decoder.js";
import type { BrokerRequest, Throttled } from "./broker-request.ts";
import { flexibleRequest, NO_TAGS, readStructures } from "./flexible.ts";
import type { TopicPartition } from "./place.ts";

/** The end of a transaction, for one partition in which it is open. */
export interface EndToWrite extends TopicPartition {
  readonly producerId: string;
  /** Of the transaction: where its producer has gone on to another epoch meanwhile, the end is refused. */
  readonly producerEpoch: number;
  readonly coordinatorEpoch: number;
  readonly result: "commit" | "abort";
}

export interface WrittenEnd extends TopicPartition {
  /** Of Kafka's protocol; 0 = none. */
  readonly errorCode: number;
}

const API_KEY = 27;

/** WriteTxnMarkers, of Kafka 2.8: what coordinators ask leaders for, and administrators may. */
export function writeEndsRequest(
  ends: readonly EndToWrite[],
): BrokerRequest<{ readonly partitions: readonly WrittenEnd[] }> {
  return flexibleRequest({
    apiKey: API_KEY,
    apiVersion: 1,
    apiName: "WriteTxnMarkers",
    write(encoder) {
      encoder.writeUVarInt(ends.length + 1);
      for (const end of ends) {
        encoder.writeInt64(BigInt(end.producerId)).writeInt16(end.producerEpoch);
        encoder.writeInt8(end.result === "commit" ? 1 : 0).writeUVarInt(2);
        encoder.writeUVarIntString(end.topic).writeUVarInt(2).writeInt32(end.partition).writeUVarInt(NO_TAGS);
        encoder.writeInt32(end.coordinatorEpoch).writeUVarInt(NO_TAGS);
      }
      return encoder;
    },
    read: decodeAnswer,
  });
}

/** Without a throttle: none is in this answer. */
function decodeAnswer(decoder: Decoder): { readonly partitions: readonly WrittenEnd[] } & Throttled {
  const producers = readStructures(decoder, () => {
    decoder.readInt64(); // the producer
    return readStructures(decoder, () => {
      const topic = decoder.readUVarIntString() ?? "";
      return readStructures(decoder, (): WrittenEnd => {
        return { topic, partition: decoder.readInt32(), errorCode: decoder.readInt16() };
      });
    }).flat();
  });
  return { partitions: producers.flat(), clientSideThrottleTime: 0 };
}

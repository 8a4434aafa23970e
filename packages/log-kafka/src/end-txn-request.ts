import type Decoder from "kafkajs/src/protocol/decoder.js";
import type { BrokerRequest, Throttled } from "./broker-request.ts";
import { flexibleRequest } from "./flexible.ts";
import type { ProducerIdentity } from "./small-requests.ts";

export interface EndTxnAnswer {
  /** Of Kafka's protocol; 0 = none. */
  readonly errorCode: number;
  /** Who the next transaction is of; absent: the same producer. */
  readonly next?: { readonly producerId: string; readonly producerEpoch: number };
}

const API_KEY = 26;
/** Of Kafka 4.0: the first that raises the epoch. */
const API_VERSION = 5;

/** EndTxn, after which the producer has another epoch, or, when there are no more of them, another id. */
export function renewingEndTxnRequest(
  { transactionalId, producerId, producerEpoch }: ProducerIdentity,
  result: "commit" | "abort",
): BrokerRequest<EndTxnAnswer> {
  return flexibleRequest({
    apiKey: API_KEY,
    apiVersion: API_VERSION,
    apiName: "EndTxn",
    write: (encoder) =>
      encoder
        .writeUVarIntString(transactionalId)
        .writeInt64(BigInt(producerId))
        .writeInt16(producerEpoch)
        .writeInt8(result === "commit" ? 1 : 0),
    read: decodeAnswer,
  });
}

function decodeAnswer(decoder: Decoder): EndTxnAnswer & Throttled {
  const clientSideThrottleTime = decoder.readInt32();
  const errorCode = decoder.readInt16();
  const next = { producerId: decoder.readInt64().toString(), producerEpoch: decoder.readInt16() };
  return { clientSideThrottleTime, errorCode, ...(errorCode === 0 ? { next } : {}) };
}

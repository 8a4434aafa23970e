import type Decoder from "kafkajs/src/protocol/decoder.js";
import type { BrokerRequest, Throttled } from "./broker-request.ts";
import { flexibleRequest, readStructures } from "./flexible.ts";

/** What a coordinator knows of a transactional id. */
export interface TransactionState {
  /** Of Kafka's protocol; 0 = none. */
  readonly errorCode: number;
  /** As Kafka names it: Empty, Ongoing, PrepareCommit, PrepareAbort, CompleteCommit, CompleteAbort, and others. */
  readonly state: string;
  readonly producerId: string;
  /** Under `transaction.version` 2 that of the next transaction, once the end of one is decided. */
  readonly producerEpoch: number;
}

export const DESCRIBE_TRANSACTIONS = 65;

/** DescribeTransactions, of Kafka 3.0: asked of the coordinator of the id. */
export function transactionStateRequest(transactionalId: string): BrokerRequest<TransactionState> {
  return flexibleRequest({
    apiKey: DESCRIBE_TRANSACTIONS,
    apiVersion: 0,
    apiName: "DescribeTransactions",
    write: (encoder) => encoder.writeUVarInt(2).writeUVarIntString(transactionalId),
    read: decodeAnswer,
  });
}

function decodeAnswer(decoder: Decoder): TransactionState & Throttled {
  const clientSideThrottleTime = decoder.readInt32();
  const [first] = readStructures(decoder, (): TransactionState => {
    const errorCode = decoder.readInt16();
    decoder.readUVarIntString(); // the id
    const state = decoder.readUVarIntString() ?? "";
    decoder.readInt32(); // its timeout
    decoder.readInt64(); // when it began
    const producer = { producerId: decoder.readInt64().toString(), producerEpoch: decoder.readInt16() };
    readStructures(decoder, () => {
      decoder.readUVarIntString(); // a topic
      decoder.readUVarIntArray(() => decoder.readInt32()); // its partitions in the transaction
    });
    return { errorCode, state, ...producer };
  });
  return { ...(first ?? NOTHING), clientSideThrottleTime };
}

const UNKNOWN_SERVER_ERROR = -1;
const NOTHING: TransactionState = {
  errorCode: UNKNOWN_SERVER_ERROR,
  state: "",
  producerId: "-1",
  producerEpoch: -1,
};

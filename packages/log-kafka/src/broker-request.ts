import { assert } from "@tidemark/streams";
import type Decoder from "kafkajs/src/protocol/decoder.js";
import type Encoder from "kafkajs/src/protocol/encoder.js";

/** A request as `connection.send` of kafkajs takes it: how it is written, and how its answer is read. */
export interface BrokerRequest<Answer> {
  readonly request: {
    readonly apiKey: number;
    readonly apiVersion: number;
    /** kafkajs logs what `parse` returns at its level DEBUG, but not for the name "Fetch". */
    readonly apiName: string;
    encode(): Promise<Encoder>;
  };
  readonly response: {
    decode(payload: Buffer): Promise<Answer & Throttled>;
    parse(decoded: Answer): Promise<Answer>;
  };
  /** ms; kafkajs takes the greater of this and the connection's. */
  readonly requestTimeout: number;
}

/** What kafkajs looks for in an answer. */
export interface Throttled {
  /** ms for which the connection sends nothing more: the broker answers at once and asks for it (KIP-219). */
  readonly clientSideThrottleTime: number;
}

/** Requests name each topic once, with its partitions. Asserts that each partition is there once. */
export function partitionsByTopic<Each extends { readonly topic: string; readonly partition: number }>(
  list: readonly Each[],
): ReadonlyMap<string, readonly Each[]> {
  const topics = new Map<string, Each[]>();
  for (const each of list) {
    const partitions = topics.get(each.topic);
    if (partitions === undefined) {
      topics.set(each.topic, [each]);
    } else {
      assert(
        partitions.every(({ partition }) => partition !== each.partition),
        "a request names a partition once",
      );
      partitions.push(each);
    }
  }
  return topics;
}

/** The partitions of all topics of an answer, one after another. */
export function readPartitions<Each>(
  decoder: Decoder,
  read: (topic: string, decoder: Decoder) => Each,
): readonly Each[] {
  return decoder
    .readArray(() => {
      const topic = decoder.readString() ?? "";
      return decoder.readArray(() => read(topic, decoder));
    })
    .flat();
}

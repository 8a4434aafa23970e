import Encoder from "kafkajs/src/protocol/encoder.js";
import { requests } from "kafkajs/src/protocol/requests/index.js";
import type { BrokerRequest } from "./broker-request.ts";
import type { TopicPartition } from "./place.ts";

/**
 * The requests that carry no records, as kafkajs writes and reads them, in the newest version it knows: Kafka 2.1 to
 * 4.x take them all. Error codes are left in the answers: kafkajs throws for the whole answer where one part failed.
 */
function asAnswered<Answer>(protocol: {
  readonly request: BrokerRequest<Answer>["request"];
  readonly response: { decode(payload: Buffer): Promise<Answer & { readonly clientSideThrottleTime: number }> };
}): BrokerRequest<Answer> {
  const { request, response } = protocol;
  return {
    request,
    response: { decode: (payload) => response.decode(payload), parse: async (decoded) => decoded },
    requestTimeout: 0,
  };
}

const api = {
  metadata: requests.Metadata.protocol({ version: 6 }),
  findCoordinator: requests.GroupCoordinator.protocol({ version: 2 }),
  initProducerId: requests.InitProducerId.protocol({ version: 1 }),
  addPartitionsToTxn: requests.AddPartitionsToTxn.protocol({ version: 1 }),
  endTxn: requests.EndTxn.protocol({ version: 1 }),
  listOffsets: requests.ListOffsets.protocol({ version: 3 }),
  createTopics: requests.CreateTopics.protocol({ version: 3 }),
  describeConfigs: requests.DescribeConfigs.protocol({ version: 2 }),
};

/** @param topics null: all of them; empty: the brokers only */
export const metadataRequest = (topics: readonly string[] | null) => {
  const { request, response } = api.metadata({ topics: topics ?? [], allowAutoTopicCreation: false });
  if (topics?.length !== 0) return asAnswered({ request, response });
  // kafkajs writes an empty list as none, which asks for all topics.
  const encode = async (): Promise<Encoder> => new Encoder().writeInt32(0).writeInt8(0);
  return asAnswered({ request: { ...request, encode }, response });
};

/** The broker that keeps the transactions of this id. */
export const findCoordinatorRequest = (transactionalId: string) =>
  asAnswered(api.findCoordinator({ groupId: transactionalId, coordinatorType: TRANSACTION }));

/** @param transactionalId null: a producer that is idempotent only */
export const initProducerIdRequest = (transactionalId: string | null, transactionMsMax: number) =>
  asAnswered(api.initProducerId({ transactionalId, transactionTimeout: transactionMsMax }));

/** Who a transaction is of. */
export interface ProducerIdentity {
  readonly transactionalId: string;
  readonly producerId: string;
  readonly producerEpoch: number;
}

export const addPartitionsRequest = (producer: ProducerIdentity, places: readonly TopicPartition[]) =>
  asAnswered(api.addPartitionsToTxn({ ...producer, topics: byTopic(places, ({ partition }) => partition) }));

export const endTxnRequest = (producer: ProducerIdentity, result: "commit" | "abort") =>
  asAnswered(api.endTxn({ ...producer, transactionResult: result === "commit" }));

/** The offset of the first record kept, of the first record that is not visible yet, and of the next one appended. */
export type OffsetWanted = "start" | "stable-end" | "append-end";

/**
 * Of the leader. The append end, that is, with the records that its replicas do not have yet, is what a leader tells
 * only to replica id −2: Kafka's own id for whoever looks after a log.
 */
export const listOffsetsRequest = (places: readonly TopicPartition[], wanted: OffsetWanted) => {
  const timestamp = wanted === "start" ? EARLIEST : LATEST;
  const topics = byTopic(places, ({ partition }) => ({ partition, timestamp }));
  return asAnswered(
    wanted === "append-end"
      ? api.listOffsets({ replicaId: OBSERVER, isolationLevel: READ_UNCOMMITTED, topics })
      : api.listOffsets({ replicaId: CONSUMER, isolationLevel: READ_COMMITTED, topics }),
  );
};

export interface TopicToCreate {
  readonly topic: string;
  readonly numPartitions: number;
  readonly replicationFactor: number;
  readonly configEntries: readonly { readonly name: string; readonly value: string }[];
}

/** @param msMax how long the broker waits until the topics are there */
export const createTopicsRequest = (topics: readonly TopicToCreate[], msMax: number) => ({
  ...asAnswered(api.createTopics({ topics, validateOnly: false, timeout: msMax })),
  requestTimeout: msMax + 1_000, // The broker answers by then, and the answer has a second.
});

export const describeTopicsRequest = (topics: readonly string[], configNames: readonly string[]) =>
  asAnswered(api.describeConfigs({ resources: topics.map((name) => ({ type: TOPIC, name, configNames })) }));

const TRANSACTION = 1;
const TOPIC = 2;
const EARLIEST = -2;
const LATEST = -1;
const CONSUMER = -1;
const OBSERVER = -2;
const READ_UNCOMMITTED = 0;
const READ_COMMITTED = 1;

function byTopic<P extends TopicPartition, T>(
  places: readonly P[],
  of: (place: P) => T,
): { readonly topic: string; readonly partitions: readonly T[] }[] {
  const topics = new Map<string, T[]>();
  for (const place of places) {
    const partitions = topics.get(place.topic);
    if (partitions === undefined) topics.set(place.topic, [of(place)]);
    else partitions.push(of(place));
  }
  return [...topics].map(([topic, partitions]) => ({ topic, partitions }));
}

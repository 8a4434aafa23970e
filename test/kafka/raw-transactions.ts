import { expect } from "vitest";
import { isPassing, Refused } from "../../packages/log-kafka/src/broker-errors.ts";
import { Cluster } from "../../packages/log-kafka/src/cluster.ts";
import { renewingEndTxnRequest } from "../../packages/log-kafka/src/end-txn-request.ts";
import { KAFKA_LOG_LIMITS } from "../../packages/log-kafka/src/limits.ts";
import type { Link } from "../../packages/log-kafka/src/link.ts";
import { addingProduceRequest, type produceRequest } from "../../packages/log-kafka/src/produce-request.ts";
import { ProducerIdentity } from "../../packages/log-kafka/src/producer-identity.ts";
import { Reachability } from "../../packages/log-kafka/src/reachability.ts";
import { retry } from "../../packages/log-kafka/src/retry.ts";
import { initProducerIdRequest } from "../../packages/log-kafka/src/small-requests.ts";
import { TRANSACTION_VERSION } from "../../packages/log-kafka/src/transaction-protocol.ts";
import { transactionStateRequest } from "../../packages/log-kafka/src/transaction-state-request.ts";
import { record } from "../conformance/log-under-test.ts";
import { systemClock } from "../conformance/system-clock.ts";

/** @param brokers host:port of each. Closed by its `close`. */
export function clusterOf(brokers: readonly string[]): Cluster {
  const seeds = brokers.map((each) => ({ host: each.split(":")[0] ?? "", port: Number(each.split(":")[1]) }));
  const settings = {
    clientId: "test",
    ssl: null,
    sasl: null,
    reachability: new Reachability({ onUnreachable: () => {}, onReachedAgain: () => {} }),
  };
  return new Cluster({
    settings: { ...settings, ...KAFKA_LOG_LIMITS },
    seeds,
    clock: systemClock,
    limits: KAFKA_LOG_LIMITS,
    closing: new AbortController().signal,
  });
}

/** Transactions of version 2 of one id in one topic, request by request: what a client that goes wrong may ask for. */
export class RawTransactions {
  readonly id: string;
  readonly #cluster: Cluster;
  readonly #link: Link;
  readonly #topic: string;
  readonly #coordinator: number;

  static async open(cluster: Cluster, topic: string, id: string): Promise<RawTransactions> {
    await cluster.require([{ topic, partition: 0 }]);
    const coordinator = await retry(cluster.patience(30_000), () => cluster.coordinatorOf(id));
    return new RawTransactions(cluster, topic, id, coordinator);
  }

  private constructor(cluster: Cluster, topic: string, id: string, coordinator: number) {
    this.id = id;
    this.#cluster = cluster;
    this.#link = cluster.newLink();
    this.#topic = topic;
    this.#coordinator = coordinator;
  }

  /** Of the transactions that the cluster has. */
  version(): Promise<number> {
    return this.#link.featureLevel(this.#coordinator, TRANSACTION_VERSION);
  }

  async newHolder(timeoutMs = 10_000): Promise<ProducerIdentity> {
    const answer = await this.#patiently(() =>
      this.#link.send(this.#coordinator, initProducerIdRequest(this.id, timeoutMs)),
    );
    expect(answer.errorCode).toBe(0);
    return new ProducerIdentity(answer.producerId, answer.producerEpoch);
  }

  /** The first batch of a transaction. */
  async encoded(holder: ProducerIdentity, value: string): Promise<Buffer> {
    const run = { topic: this.#topic, partition: 0, records: [record("k", value)] };
    const options = { transactional: true, createdAt: 0, codec: "none" } as const;
    const [first] = await new ProducerIdentity(holder.id, holder.epoch).encode([run], options);
    return first?.bytes ?? Buffer.alloc(0);
  }

  async produce(partition: number, bytes: Buffer, requestOf: typeof produceRequest = addingProduceRequest) {
    const batches = [{ topic: this.#topic, partition, bytes }];
    const request = requestOf({ transactionalId: this.id, timeoutMs: 5_000, batches });
    return this.#patiently(async () => {
      const node = this.#cluster.leaderOf({ topic: this.#topic, partition });
      const { partitions } = await this.#link.send(node, request);
      return partitions[0] ?? { errorCode: -1, baseOffset: -1 };
    });
  }

  end({ id, epoch }: ProducerIdentity, result: "commit" | "abort") {
    const producer = { transactionalId: this.id, producerId: id, producerEpoch: epoch };
    return this.#patiently(() => this.#link.send(this.#coordinator, renewingEndTxnRequest(producer, result)));
  }

  /** As the coordinator says. */
  state() {
    return this.#patiently(() => this.#link.send(this.#coordinator, transactionStateRequest(this.id)));
  }

  /** What passes is asked again. */
  #patiently<Answer extends { readonly errorCode: number }>(ask: () => Promise<Answer>): Promise<Answer> {
    return retry(this.#cluster.patience(10_000), async () => {
      const answer = await ask();
      const refusal = new Refused("a request", answer.errorCode);
      if (isPassing(refusal)) throw refusal;
      return answer;
    });
  }
}

import { LogUnavailable, TopicMismatch, type Clock } from "@tidemark/streams";
import { BrokerConnection, type BrokerAddress, type ConnectionSettings } from "./broker-connection.ts";
import { NoAnswer, Refused, requireNone, UNKNOWN_TOPIC_OR_PARTITION } from "./broker-errors.ts";
import type { BrokerRequest } from "./broker-request.ts";
import type { KafkaLogLimits } from "./limits.ts";
import { Link } from "./link.ts";
import type { TopicPartition } from "./place.ts";
import { retry, type Patience } from "./retry.ts";
import { findCoordinatorRequest, metadataRequest } from "./small-requests.ts";

/**
 * Which brokers there are and who leads what, as far as it was asked for. It is out of date whenever a leader moves;
 * the broker asked says so, and whoever hears it calls {@link Cluster.refresh} and tries again.
 */
export class Cluster {
  readonly clock: Clock;
  readonly limits: KafkaLogLimits;
  /** Aborts when the log closes: nothing is tried again after that. */
  readonly closing: AbortSignal;
  readonly #settings: ConnectionSettings;
  readonly #seeds: readonly BrokerAddress[];
  readonly #nodes = new Map<number, BrokerAddress>();
  readonly #leaders = new Map<string, readonly number[]>();
  readonly #links = new Set<Link>();
  #asking: Promise<BrokerConnection> | null = null;
  #id = "";
  #nextSeed = 0;
  #refreshing: Promise<void> | null = null;

  constructor(options: ClusterOptions) {
    this.clock = options.clock;
    this.limits = options.limits;
    this.closing = options.closing;
    this.#settings = options.settings;
    this.#seeds = options.seeds;
  }

  /** The cluster's own id, as its brokers said. */
  get id(): string {
    return this.#id;
  }

  /** A user's own connections; closed with the log at the latest. */
  newLink(): Link {
    const link = new Link(this.#settings, (node) => this.#nodes.get(node));
    this.#links.add(link);
    return link;
  }

  closeLink(link: Link): void {
    this.#links.delete(link);
    link.close();
  }

  patience(msMax: number): Patience {
    const { retryMsMin, retryMsMax } = this.limits;
    return {
      clock: this.clock,
      deadline: this.clock.monotonic() + msMax,
      stepMsMin: retryMsMin,
      stepMsMax: retryMsMax,
      signal: this.closing,
    };
  }

  /** Asks whichever broker answers. @throws NoAnswer */
  async ask<Answer>(request: BrokerRequest<Answer>): Promise<Answer> {
    const connection = await this.#anyBroker();
    return connection.send(request);
  }

  /** How many partitions the topic has. @throws TopicMismatch where there is no such topic; LogUnavailable */
  async partitionCount(topic: string): Promise<number> {
    const known = this.#leaders.get(topic);
    if (known !== undefined) return known.length;
    await this.#learn(topic);
    return this.#leaders.get(topic)?.length ?? 0;
  }

  /** Learns of these partitions whatever is not known. @throws TopicMismatch where there is no such; LogUnavailable */
  async require(places: readonly TopicPartition[]): Promise<void> {
    for (const { topic, partition } of places) {
      const count = this.#leaders.get(topic)?.length ?? (await this.partitionCount(topic));
      if (!(partition >= 0 && partition < count)) {
        throw new TopicMismatch(`topic ${topic} has ${count} partitions, and no partition ${partition}`);
      }
    }
  }

  /** Its node; −1 where it is not known or there is none now. */
  leaderOf({ topic, partition }: TopicPartition): number {
    return this.#leaders.get(topic)?.[partition] ?? -1;
  }

  /** Asks anew who leads; callers at the same time share one answer. @throws NoAnswer */
  refresh(): Promise<void> {
    this.#refreshing ??= this.#refresh([...this.#leaders.keys()]).finally(() => {
      this.#refreshing = null;
    });
    return this.#refreshing;
  }

  /** The broker that keeps the transactions of this id. @throws NoAnswer, Refused */
  async coordinatorOf(transactionalId: string): Promise<number> {
    const { errorCode, coordinator } = await this.ask(findCoordinatorRequest(transactionalId));
    requireNone(errorCode, "FindCoordinator");
    const { nodeId, host, port } = coordinator;
    this.#nodes.set(nodeId, { host, port });
    return nodeId;
  }

  /**
   * To be told what was given up in the end, and for which places. A topic that the brokers have said for so long not to
   * know may have been deleted: it is asked for anew when it is next used, and is a TopicMismatch then if it is gone.
   */
  gaveUp(error: unknown, places: readonly TopicPartition[]): void {
    if (!isUnknownTopic(error)) return;
    for (const { topic } of places) this.#leaders.delete(topic);
  }

  /** Tries every address that it was given, once: one that cannot be reached is told of, also where others answer. Never rejects. */
  async knock(): Promise<void> {
    const knocks = this.#seeds.map(async (seed) => (await BrokerConnection.open(this.#settings, seed)).close());
    await Promise.allSettled(knocks);
  }

  close(): void {
    for (const link of this.#links) link.close();
    this.#links.clear();
    const asking = this.#asking;
    void asking?.then(
      (connection) => connection.close(),
      () => undefined, // It was never opened.
    );
  }

  /** Brokers hear of a new topic a moment after it was created: an unknown one is asked for a few times. */
  async #learn(topic: string): Promise<void> {
    let tries = 0;
    const attempt = async (): Promise<void> => {
      tries += 1;
      await this.#refresh([topic]);
      if (!this.#leaders.has(topic)) throw new Refused(`topic ${topic}`, UNKNOWN_TOPIC_OR_PARTITION);
    };
    const patience = this.patience(this.limits.readMsMax);
    await retry({ ...patience, stepMsMin: LEARN_STEP_MS }, async () => {
      try {
        await attempt();
      } catch (error) {
        if (error instanceof Refused && tries >= LEARN_TRIES) {
          throw new TopicMismatch(`there is no topic ${topic}`, { cause: error });
        }
        throw error;
      }
    });
  }

  async #refresh(topics: readonly string[]): Promise<void> {
    const { brokers, clusterId, topicMetadata } = await this.ask(metadataRequest(topics));
    this.#id = clusterId;
    for (const { nodeId, host, port } of brokers) this.#nodes.set(nodeId, { host, port });
    for (const { topic, topicErrorCode, partitionMetadata } of topicMetadata) {
      if (topicErrorCode === UNKNOWN_TOPIC_OR_PARTITION) continue; // Not heard of yet, or deleted: what is known stays.
      requireNone(topicErrorCode, `topic ${topic}`);
      const leaders = Array.from({ length: partitionMetadata.length }, () => -1);
      for (const { partitionId, leader } of partitionMetadata) leaders[partitionId] = leader;
      this.#leaders.set(topic, leaders);
    }
  }

  /** One connection for all questions, to the known brokers and the seeds in turn until one answers. */
  async #anyBroker(): Promise<BrokerConnection> {
    if (this.closing.aborted) throw new NoAnswer("the log is closed", { sent: false });
    const asked = this.#asking;
    if (asked !== null) {
      const [open] = await Promise.allSettled([asked]);
      if (open.status === "fulfilled" && !open.value.ended) return open.value;
      if (this.#asking !== asked) return this.#anyBroker(); // Another caller has begun the next.
    }
    const candidates = [...this.#nodes.values(), ...this.#seeds];
    const address = candidates[(this.#nextSeed += 1) % candidates.length] ?? { host: "", port: 0 };
    const requestMsMax = Math.min(this.#settings.requestMsMax, this.limits.askMsMax);
    this.#asking = BrokerConnection.open({ ...this.#settings, requestMsMax }, address);
    return this.#asking;
  }
}

export interface ClusterOptions {
  readonly settings: ConnectionSettings;
  readonly seeds: readonly BrokerAddress[];
  readonly clock: Clock;
  readonly limits: KafkaLogLimits;
  readonly closing: AbortSignal;
}

function isUnknownTopic(error: unknown): boolean {
  if (error instanceof Refused) return error.errorCode === UNKNOWN_TOPIC_OR_PARTITION;
  return error instanceof LogUnavailable && isUnknownTopic(error.cause);
}

const LEARN_TRIES = 4;
const LEARN_STEP_MS = 30;

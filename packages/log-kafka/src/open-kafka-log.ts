import { randomUUID } from "node:crypto";
import type { ConnectionOptions } from "node:tls";
import type { SASLOptions } from "kafkajs";
import {
  LogUnavailable,
  type Clock,
  type EventLog,
  type LogWriter,
  type OffsetRange,
  type TopicSpec,
} from "@tidemark/streams";
import { Appender } from "./appender.ts";
import { deniedOf } from "./denied.ts";
import { BrokerClocks } from "./broker-clocks.ts";
import type { BrokerAddress } from "./broker-connection.ts";
import { requireNone, unavailable } from "./broker-errors.ts";
import { Cluster } from "./cluster.ts";
import { FetchReader } from "./fetch-reader.ts";
import { KafkaTopics, type TopicProblem } from "./kafka-topics.ts";
import { KafkaWriter } from "./kafka-writer.ts";
import { KAFKA_LOG_LIMITS, type KafkaLogLimits } from "./limits.ts";
import type { Link } from "./link.ts";
import type { TopicPartition } from "./place.ts";
import type { BatchCodec } from "./record-batch-encoder.ts";
import { Reachability } from "./reachability.ts";
import { retry } from "./retry.ts";
import { listOffsetsRequest, type OffsetWanted } from "./small-requests.ts";
import { REPLICATION, type Replication } from "./topic-settings.ts";
import { Transactions, type TransactionsContext } from "./transactions.ts";

export interface KafkaLogOptions {
  /** host:port of some brokers; the others are learnt from them. */
  readonly brokers: readonly string[];
  /** Names this process in the broker's logs and metrics. */
  readonly clientId: string;
  readonly ssl?: ConnectionOptions;
  readonly sasl?: SASLOptions;
  readonly clock: Clock;
  /** Of topics that are created or checked; default {@link REPLICATION}. */
  readonly replication?: Replication;
  /** Of what is appended; default none. */
  readonly codec?: BatchCodec;
  readonly limits?: Partial<KafkaLogLimits>;
  /** Told of what fails though calls may go on: a broker that cannot be reached, once each time, of {@link brokers} each at the start; ends that brokers have lost. */
  readonly onProblem?: (error: unknown) => void;
  /** Told when one can be reached again, `host:port`. */
  readonly onReachedAgain?: (broker: string) => void;
}

/** An {@link EventLog} on Apache Kafka, 2.5 or newer. Keys and values read are views of what the broker sent. */
export interface KafkaLog extends EventLog {
  /** Of the cluster: another one's offsets mean something else. */
  readonly clusterId: string;
  /** In what topics differ from what their specs and the replication ask for; empty: in nothing. @throws LogUnavailable */
  topicProblems(specs: readonly TopicSpec[]): Promise<readonly TopicProblem[]>;
}

/** Opens the log; a broker has answered when it resolves. @throws LogUnavailable, LogDenied */
export async function openKafkaLog(options: KafkaLogOptions): Promise<KafkaLog> {
  const limits = { ...KAFKA_LOG_LIMITS, ...options.limits };
  const { clientId, clock, onProblem = () => {}, onReachedAgain = () => {} } = options;
  const closing = new AbortController();
  const cluster = new Cluster({
    settings: {
      clientId,
      ssl: options.ssl ?? null,
      sasl: options.sasl ?? null,
      connectMsMax: limits.connectMsMax,
      requestMsMax: limits.requestMsMax,
      throttleMsMax: limits.throttleMsMax,
      reachability: new Reachability({
        onUnreachable: (error) => onProblem(unavailable(error)),
        onReachedAgain,
      }),
    },
    seeds: options.brokers.map(addressOf),
    clock,
    limits,
    closing: closing.signal,
  });
  try {
    await retry(cluster.patience(limits.readMsMax), () => cluster.refresh());
  } catch (error) {
    cluster.close();
    throw deniedOf(error) ?? unavailable(error);
  }
  // The only one has answered. Nobody waits for others.
  if (options.brokers.length > 1) void cluster.knock();
  const context = {
    cluster,
    clocks: new BrokerClocks(),
    codec: options.codec ?? "none",
    onProblem,
  };
  return new OpenKafkaLog(context, options, closing);
}

class OpenKafkaLog implements KafkaLog {
  readonly #context: TransactionsContext;
  readonly #cluster: Cluster;
  readonly #closing: AbortController;
  readonly #topics: KafkaTopics;
  readonly #reader: FetchReader;
  readonly #appender: Appender;
  readonly #writers = new Set<KafkaWriter>();
  readonly #link: Link;
  #closed: Promise<void> | null = null;

  constructor(context: TransactionsContext, { clientId, replication }: KafkaLogOptions, closing: AbortController) {
    const { cluster, clocks } = context;
    this.#context = context;
    this.#cluster = cluster;
    this.#closing = closing;
    this.#topics = new KafkaTopics(cluster, replication ?? REPLICATION);
    this.#reader = new FetchReader(cluster, clocks);
    this.#appender = new Appender(context, `${clientId}-append-${randomUUID()}`);
    this.#link = cluster.newLink();
  }

  get clusterId(): string {
    return this.#cluster.id;
  }

  createTopics(specs: readonly TopicSpec[]): Promise<void> {
    return this.#topics.create(specs);
  }

  topics(): Promise<readonly TopicSpec[]> {
    return this.#topics.list();
  }

  topicProblems(specs: readonly TopicSpec[]): Promise<readonly TopicProblem[]> {
    return this.#topics.problems(specs);
  }

  async offsets(topic: string, partition: number): Promise<OffsetRange> {
    const place = { topic, partition };
    await this.#cluster.require([place]);
    try {
      return await retry(this.#cluster.patience(this.#cluster.limits.readMsMax), async () => {
        const start = await this.#offset(place, "start");
        return { start, end: await this.#visibleEnd(place) };
      });
    } catch (error) {
      this.#cluster.gaveUp(error, [place]);
      throw unavailable(error);
    }
  }

  fetch: EventLog["fetch"] = (positions, options) => this.#reader.fetch(positions, options);

  append: EventLog["append"] = (batches, options) => this.#appender.append(batches, options?.after ?? -1);

  async openWriter(id: string, places: readonly TopicPartition[] = []): Promise<LogWriter> {
    if (this.#closing.signal.aborted) throw new LogUnavailable("the log is closed");
    const writer = new KafkaWriter(await Transactions.open(this.#context, id, places));
    this.#writers.add(writer);
    return {
      commit: (batches) => writer.commit(batches),
      close: async () => {
        this.#writers.delete(writer);
        await writer.close();
      },
    };
  }

  /** Transactions under way are finished; fetches and waits end; what was opened is closed. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    const writing = [this.#appender.close(), ...[...this.#writers].map((writer) => writer.close())];
    this.#closing.abort();
    await Promise.allSettled(writing);
    this.#cluster.close();
  }

  /**
   * A commit is answered before its end is written into the partitions: until then its records are not visible. They
   * are once the stable end has reached what was the append end.
   */
  async #visibleEnd(place: TopicPartition): Promise<number> {
    const appended = await this.#offset(place, "append-end");
    const { clock, limits, closing } = this.#cluster;
    const deadline = clock.monotonic() + limits.visibleMsMax;
    for (;;) {
      const end = await this.#offset(place, "stable-end");
      if (end >= appended || clock.monotonic() >= deadline || closing.aborted) return end;
      await clock.sleep(limits.retryMsMin, closing);
    }
  }

  async #offset(place: TopicPartition, wanted: OffsetWanted): Promise<number> {
    try {
      const { responses } = await this.#link.send(this.#cluster.leaderOf(place), listOffsetsRequest([place], wanted));
      const found = responses[0]?.partitions[0];
      requireNone(found?.errorCode ?? -1, "ListOffsets");
      return Number(found?.offset);
    } catch (error) {
      await Promise.allSettled([this.#cluster.refresh()]); // Where there is no answer, the next try finds out.
      throw error;
    }
  }
}

function addressOf(broker: string): BrokerAddress {
  const colon = broker.lastIndexOf(":");
  return { host: broker.slice(0, colon), port: Number(broker.slice(colon + 1)) };
}

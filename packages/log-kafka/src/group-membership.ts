import type { ConnectionOptions } from "node:tls";
import {
  assert,
  type Clock,
  type OwnedPartitions,
  type PartitionOwnership,
  READER_VERSION,
  type StoreReport,
} from "@tidemark/streams";
import { type Consumer, Kafka, logLevel, type SASLOptions } from "kafkajs";
import { groupAssigner } from "./group-assigner.ts";
import { groupFailure } from "./group-errors.ts";
import { GROUP_LIMITS, type GroupLimits } from "./group-limits.ts";

/** A member of a consumer group that owns partitions, and reads nothing (R12). */
export interface GroupMembership extends PartitionOwnership {
  /** Leaves the group, so that the others take over at once. Idempotent. What it owned is to be closed before. */
  leave(): Promise<void>;
}

export interface GroupOptions {
  /** host:port of some brokers. */
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly ssl?: ConnectionOptions;
  readonly sasl?: SASLOptions;
  readonly groupId: string;
  /** Its partition numbers are what is shared out. */
  readonly topic: string;
  readonly clock: Clock;
  /** The newest journal that this code reads (R16); default the code's own. */
  readonly readerVersion?: number;
  readonly limits?: Partial<GroupLimits>;
  /** Told why it has to join again; it does so by itself. */
  readonly onProblem: (error: unknown) => void;
}

/** Joins when `next` is called for the first time, so that it tells of its stores from the first, and stays until it leaves. */
export function joinGroup(options: GroupOptions): GroupMembership {
  return new Member(options);
}

/**
 *  1 What is owned changes only when the group has shared out anew (GROUP_JOIN). In between, also while it rebalances, while
 *    no broker answers, or after the session has run out, tasks go on: who owns a partition meanwhile fences them (R14).
 *  2 A heartbeat counts when its answer is there, and kafkajs sends the next one only then. So the second that is answered after
 *    a question was asked was sent after it.
 *  3 kafkajs tries a few times, and then this class with a consumer of its own, so that there is one place that decides
 *    whether there is a next time. A consumer is never disconnected while it starts: it would go on all the same.
 */
class Member implements GroupMembership {
  readonly #options: GroupOptions;
  readonly #limits: GroupLimits;
  readonly #kafka: Kafka;
  readonly #leaving = new AbortController();
  readonly #waiting = new Set<() => void>();
  #left: Promise<void> | null = null;
  #current: OwnedPartitions = { generation: 0, partitions: [] };
  #heartbeats = 0;
  #failure: { readonly cause: unknown } | null = null;
  #reports: () => readonly StoreReport[] = () => [];

  constructor(options: GroupOptions) {
    this.#options = options;
    this.#limits = { ...GROUP_LIMITS, ...options.limits };
    this.#kafka = new Kafka({
      brokers: [...options.brokers],
      clientId: options.clientId,
      ...(options.ssl === undefined ? {} : { ssl: options.ssl }),
      ...(options.sasl === undefined ? {} : { sasl: options.sasl }),
      connectionTimeout: this.#limits.connectMsMax,
      authenticationTimeout: this.#limits.connectMsMax,
      requestTimeout: this.#limits.requestMsMax,
      // Connecting goes by these and not by the consumer's own: leaving waits for an attempt under way.
      retry: this.#retry(),
      // What it would say is told by onProblem.
      logLevel: logLevel.NOTHING,
    });
  }

  get current(): OwnedPartitions {
    return this.#current;
  }

  async next(generation: number, signal: AbortSignal): Promise<OwnedPartitions> {
    this.#left ??= this.#stay();
    await this.#until(() => this.#failure !== null || this.#current.generation > generation, signal);
    if (this.#failure !== null && !signal.aborted) throw this.#failure.cause;
    return this.#current;
  }

  async confirm(partition: number, signal: AbortSignal): Promise<void> {
    const enough = this.#heartbeats + 2; // 2
    await this.#until(
      () => this.#heartbeats >= enough && this.#current.partitions.includes(partition) && this.#failure === null,
      signal,
    );
  }

  reportStores(reports: () => readonly StoreReport[]): void {
    this.#reports = reports;
  }

  async leave(): Promise<void> {
    this.#leaving.abort();
    await this.#left;
  }

  /** Joins again and again; never rejects. */
  async #stay(): Promise<void> {
    const { clock, onProblem, topic } = this.#options;
    const { signal } = this.#leaving;
    let backoffMs = this.#limits.backoffMsMin;
    while (!signal.aborted) {
      const { generation } = this.#current;
      try {
        await this.#join();
      } catch (cause) {
        if (signal.aborted) return;
        const { isFinal, error } = groupFailure(cause, topic);
        if (isFinal) {
          this.#failure = { cause: error };
          this.#wake();
          return;
        }
        onProblem(error);
        if (this.#current.generation > generation) backoffMs = this.#limits.backoffMsMin;
        await clock.sleep(backoffMs, signal);
        backoffMs = Math.min(2 * backoffMs, this.#limits.backoffMsMax);
      }
    }
  }

  /** Resolves when it has left. @throws whatever ended the consumer */
  async #join(): Promise<void> {
    const consumer = this.#consumer();
    const crashed = this.#listen(consumer);
    try {
      await consumer.connect();
      await consumer.subscribe({ topics: [this.#options.topic] });
      await consumer.run({
        autoCommit: false,
        eachBatch: () => {
          assert(false, "a member that only owns is given no records");
          return Promise.resolve();
        },
      });
      await Promise.race([crashed, aborted(this.#leaving.signal)]);
    } finally {
      await consumer.disconnect(); // Leaves the group first.
    }
  }

  #consumer(): Consumer {
    const { groupId, topic, readerVersion = READER_VERSION } = this.#options;
    const { heartbeatMs, sessionMs, rebalanceMs, pollMs, metadataMs } = this.#limits;
    const report = () => ({ readerVersion, owned: this.#current.partitions, stores: this.#reports() });
    return this.#kafka.consumer({
      groupId,
      partitionAssigners: [groupAssigner(topic, report)],
      heartbeatInterval: heartbeatMs,
      sessionTimeout: sessionMs,
      rebalanceTimeout: rebalanceMs,
      // Where every partition is paused kafkajs sleeps for so long.
      maxWaitTimeInMs: pollMs,
      metadataMaxAge: metadataMs,
      allowAutoTopicCreation: false,
      retry: {
        ...this.#retry(),
        restartOnFailure: () => Promise.resolve(false), // 3
      },
    });
  }

  #retry() {
    const { retries, retryMsMin, retryMsMax } = this.#limits;
    return { retries, initialRetryTime: retryMsMin, maxRetryTime: retryMsMax };
  }

  /** @returns what never resolves, and rejects with what the consumer crashed of */
  #listen(consumer: Consumer): Promise<never> {
    const { topic } = this.#options;
    const crashed = Promise.withResolvers<never>();
    crashed.promise.catch(() => undefined);
    consumer.on(consumer.events.GROUP_JOIN, ({ payload: { memberAssignment } }) => {
      // Before its first fetch: the event is told synchronously.
      consumer.pause([{ topic }]);
      const partitions = (memberAssignment[topic] ?? []).toSorted((a, b) => a - b);
      this.#current = { generation: this.#current.generation + 1, partitions };
      this.#wake();
    });
    consumer.on(consumer.events.HEARTBEAT, () => {
      this.#heartbeats++;
      this.#wake();
    });
    consumer.on(consumer.events.CRASH, ({ payload }) => crashed.reject(payload.error));
    return crashed.promise;
  }

  async #until(condition: () => boolean, signal: AbortSignal): Promise<void> {
    while (!signal.aborted && !condition()) {
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          this.#waiting.delete(wake);
          signal.removeEventListener("abort", wake);
          resolve();
        };
        this.#waiting.add(wake);
        signal.addEventListener("abort", wake, { once: true });
      });
    }
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

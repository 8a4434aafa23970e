import { LogUnavailable, TopicMismatch, type TopicSpec } from "@tidemark/streams";
import {
  NONE,
  Refused,
  requireNone,
  TOPIC_ALREADY_EXISTS,
  unavailable,
  UNKNOWN_TOPIC_OR_PARTITION,
} from "./broker-errors.ts";
import type { Cluster } from "./cluster.ts";
import { retry } from "./retry.ts";
import { createTopicsRequest, describeTopicsRequest, metadataRequest } from "./small-requests.ts";
import { isKept, POLICY_SETTINGS, policyOf, settingsOf, type Replication } from "./topic-settings.ts";

/** What of a topic is not as it must be, for a person who will mend it. */
export interface TopicProblem {
  readonly topic: string;
  /** "missing", "partitions", "replication factor", or the name of a setting of Kafka's. */
  readonly what: string;
  readonly wanted: string;
  readonly found: string;
}

/** Creates, lists and checks topics; it remembers nothing. */
export class KafkaTopics {
  readonly #cluster: Cluster;
  readonly #replication: Replication;

  constructor(cluster: Cluster, replication: Replication) {
    this.#cluster = cluster;
    this.#replication = replication;
  }

  /** Creates what is missing and waits until every partition has a leader. What exists keeps its settings. @throws TopicMismatch, LogUnavailable */
  async create(specs: readonly TopicSpec[]): Promise<void> {
    const names = specs.map(({ name }) => name);
    try {
      const found = await this.#describe(names);
      requirePartitions(specs, found);
      const missing = specs.filter(({ name }) => !found.has(name));
      if (missing.length > 0) await this.#create(missing);
      // Another process may have created them at the same time, otherwise.
      const patience = this.#cluster.patience(this.#cluster.limits.readMsMax);
      await retry(patience, async () => requirePartitions(specs, await this.#led(names)));
    } catch (error) {
      throw unavailable(error);
    }
  }

  /** Of the topics of the cluster those that are not Kafka's own. @throws LogUnavailable */
  async list(): Promise<readonly TopicSpec[]> {
    return this.#asking(async () => {
      const found = await this.#describe(null);
      const settings = await this.#settings([...found.keys()], POLICY_SETTINGS);
      const specs: TopicSpec[] = [];
      for (const [name, { partitions }] of found) {
        const own = settings.get(name);
        if (own !== undefined) specs.push({ name, partitions, policy: policyOf(own) }); // Else deleted meanwhile.
      }
      return specs;
    });
  }

  /** Everything in which topics differ from what they must be; empty: nothing does. @throws LogUnavailable */
  async problems(specs: readonly TopicSpec[]): Promise<readonly TopicProblem[]> {
    return this.#asking(async () => {
      const found = await this.#describe(specs.map(({ name }) => name));
      const names = specs.flatMap((spec) => [...settingsOf(spec, this.#replication).keys()]);
      const settings = await this.#settings([...found.keys()], [...new Set(names)]);
      return specs.flatMap((spec) => {
        const topic = found.get(spec.name);
        const own = settings.get(spec.name);
        return topic === undefined || own === undefined
          ? [{ topic: spec.name, what: "missing", wanted: "a topic", found: "none" }]
          : this.#problemsOf(spec, topic, own);
      });
    });
  }

  #problemsOf(spec: TopicSpec, found: Described, settings: ReadonlyMap<string, string>): readonly TopicProblem[] {
    const problems: TopicProblem[] = [];
    const compare = (what: string, wanted: string, is: string, kept: boolean): void => {
      if (!kept) problems.push({ topic: spec.name, what, wanted, found: is });
    };
    const { factor } = this.#replication;
    compare("partitions", `${spec.partitions}`, `${found.partitions}`, spec.partitions === found.partitions);
    compare("replication factor", `${factor}`, `${found.replicasLeast}`, found.replicasLeast >= factor);
    for (const [setting, wanted] of settingsOf(spec, this.#replication)) {
      const is = settings.get(setting) ?? "";
      compare(setting, wanted, is, isKept(setting, wanted, is));
    }
    return problems;
  }

  async #create(specs: readonly TopicSpec[]): Promise<void> {
    const { limits } = this.#cluster;
    const topics = specs.map((spec) => ({
      topic: spec.name,
      numPartitions: spec.partitions,
      replicationFactor: this.#replication.factor,
      configEntries: [...settingsOf(spec, this.#replication)].map(([name, value]) => ({ name, value })),
    }));
    await retry(this.#cluster.patience(limits.readMsMax), async () => {
      // A broker that is not the controller passes it on.
      const { topicErrors } = await this.#cluster.ask(createTopicsRequest(topics, limits.requestMsMax));
      for (const { topic, errorCode } of topicErrors) {
        if (errorCode !== NONE && errorCode !== TOPIC_ALREADY_EXISTS) throw new Refused(`topic ${topic}`, errorCode);
      }
    });
  }

  /** @throws Refused while a partition has no leader yet */
  async #led(names: readonly string[]): Promise<ReadonlyMap<string, Described>> {
    const found = await this.#describe(names);
    for (const name of names) {
      if (found.get(name)?.led !== true) throw new Refused(`topic ${name}`, UNKNOWN_TOPIC_OR_PARTITION);
    }
    return found;
  }

  /** Those that exist. */
  async #describe(names: readonly string[] | null): Promise<ReadonlyMap<string, Described>> {
    const { topicMetadata } = await retry(this.#cluster.patience(this.#cluster.limits.readMsMax), () =>
      this.#cluster.ask(metadataRequest(names)),
    );
    const found = new Map<string, Described>();
    for (const { topic, topicErrorCode, isInternal, partitionMetadata } of topicMetadata) {
      if (isInternal || topicErrorCode === UNKNOWN_TOPIC_OR_PARTITION) continue;
      requireNone(topicErrorCode, `topic ${topic}`);
      found.set(topic, {
        partitions: partitionMetadata.length,
        replicasLeast: Math.min(...partitionMetadata.map(({ replicas }) => replicas.length)),
        led: partitionMetadata.every(({ leader }) => leader >= 0),
      });
    }
    return found;
  }

  async #settings(
    topics: readonly string[],
    names: readonly string[],
  ): Promise<ReadonlyMap<string, ReadonlyMap<string, string>>> {
    if (topics.length === 0) return new Map();
    const { resources } = await this.#cluster.ask(describeTopicsRequest(topics, names));
    const found = new Map<string, ReadonlyMap<string, string>>();
    for (const { resourceName, errorCode, configEntries } of resources) {
      if (errorCode === UNKNOWN_TOPIC_OR_PARTITION) continue;
      requireNone(errorCode, `topic ${resourceName}`);
      found.set(
        resourceName,
        new Map(configEntries.map(({ configName, configValue }) => [configName, configValue ?? ""])),
      );
    }
    return found;
  }

  async #asking<T>(question: () => Promise<T>): Promise<T> {
    const { limits, closing } = this.#cluster;
    if (closing.aborted) throw new LogUnavailable("the log is closed");
    try {
      return await retry(this.#cluster.patience(limits.readMsMax), question);
    } catch (error) {
      throw unavailable(error);
    }
  }
}

interface Described {
  readonly partitions: number;
  /** Of the partition that has the fewest. */
  readonly replicasLeast: number;
  readonly led: boolean;
}

function requirePartitions(specs: readonly TopicSpec[], found: ReadonlyMap<string, Described>): void {
  for (const { name, partitions } of specs) {
    const existing = found.get(name);
    if (existing !== undefined && existing.partitions !== partitions) {
      throw new TopicMismatch(
        `topic ${name} has ${existing.partitions} partitions and ${partitions} are asked for: ` +
          "keep the number, or use another topic prefix",
      );
    }
  }
}

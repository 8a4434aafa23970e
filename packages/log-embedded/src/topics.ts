import type { TopicSpec } from "@tidemark/streams";
import { assert, LogUnavailable, oneAtATime, TopicMismatch } from "@tidemark/streams";
import { newTopic, topicOperation, type LogState, type Topic } from "./log-state.ts";
import { WriteFailed, type Storage } from "./storage.ts";

/** Creates topics, one request at a time. */
export class Topics {
  readonly #storage: Storage;
  readonly #inTurn = oneAtATime();

  constructor(storage: Storage) {
    this.#storage = storage;
  }

  /**
   * Creates what is missing. Of a topic that exists, the bounds of its policy are set anew; its partition count and
   * its kind of cleanup stay.
   * @throws TopicMismatch, LogUnavailable
   */
  create(specs: readonly TopicSpec[]): Promise<void> {
    return this.#inTurn(() => this.#create(specs));
  }

  list(): readonly TopicSpec[] {
    return [...this.#storage.state.topics.values()].map(({ spec }) => spec);
  }

  async #create(specs: readonly TopicSpec[]): Promise<void> {
    const { state } = this.#storage;
    let topicId = Math.max(-1, ...[...state.topics.values()].map(({ id }) => id));
    const changed: Topic[] = [];
    for (const spec of specs) {
      checkSpec(spec);
      const topic = state.topics.get(spec.name);
      if (topic === undefined) changed.push(newTopic((topicId += 1), spec));
      else if (differs(topic, spec)) changed.push({ ...topic, spec });
    }
    assert(topicId <= TOPIC_ID_MAX, "there are at most 65,536 topics");
    if (changed.length > 0) await this.#write(state, changed);
  }

  async #write(state: LogState, changed: readonly Topic[]): Promise<void> {
    try {
      await this.#storage.write(state, changed.map(topicOperation));
    } catch (error) {
      if (error instanceof WriteFailed) throw new LogUnavailable(error.message, { cause: error.cause });
      throw error;
    }
    for (const topic of changed) state.topics.set(topic.spec.name, topic);
  }
}

const TOPIC_ID_MAX = 0xffff;
const PARTITIONS_MAX = 0xffff;
/** As in Apache Kafka, so that the same names serve both. */
const NAME = /^[a-zA-Z0-9._-]{1,249}$/;

function checkSpec({ name, partitions, policy }: TopicSpec): void {
  assert(NAME.test(name), "a topic's name has 1 to 249 letters, digits, dots, dashes and underscores");
  assert(Number.isInteger(partitions) && partitions > 0 && partitions <= PARTITIONS_MAX, "a topic has partitions");
  const boundMs = policy.cleanup === "delete" ? policy.retentionMs : policy.compactionLagMsMax;
  assert(Number.isSafeInteger(boundMs) && boundMs > 0, "retention and compaction lag are positive milliseconds");
}

/** @throws TopicMismatch where the topic cannot be made what the spec asks for */
function differs({ spec: existing }: Topic, spec: TopicSpec): boolean {
  if (existing.partitions !== spec.partitions) {
    throw new TopicMismatch(
      `topic ${spec.name} has ${existing.partitions} partitions and ${spec.partitions} are asked for: ` +
        "keep the number, or import into a new data directory",
    );
  }
  if (existing.policy.cleanup !== spec.policy.cleanup) {
    throw new TopicMismatch(
      `topic ${spec.name} has cleanup ${existing.policy.cleanup} and ${spec.policy.cleanup} is asked for`,
    );
  }
  return JSON.stringify(existing.policy) !== JSON.stringify(spec.policy);
}

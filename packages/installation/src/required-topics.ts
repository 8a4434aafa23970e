import { topicNames, topicSpecs } from "@tidemark/contracts";
import type { KafkaLog, TopicProblem } from "@tidemark/log-kafka";
import { TopicMismatch, type TopicSpec } from "@tidemark/streams";

/** What all topics of an installation must be. @param partitions of those keyed by customer */
export function topicsOf(prefix: string, partitions: number): readonly TopicSpec[] {
  return topicSpecs(prefix, partitions);
}

/**
 * Looks at every topic of an installation before anything is read or written.
 * @returns how many partitions those keyed by customer have
 * @throws TopicMismatch with all that is wrong, and the command that mends each
 */
export async function requireTopics(log: KafkaLog, prefix: string): Promise<number> {
  const { purchases } = topicNames(prefix);
  const partitions = (await log.topics()).find(({ name }) => name === purchases)?.partitions;
  if (partitions === undefined) {
    throw new TopicMismatch(`there is no topic ${purchases} yet: npm run -s tidemark -- topics create`);
  }
  const problems = await log.topicProblems(topicsOf(prefix, partitions));
  if (problems.length === 0) return partitions;
  throw new TopicMismatch(["the topics are not what they must be:", ...wordsOfProblems(problems)].join("\n"));
}

/** A line for each problem: what is wrong, and what mends it. */
export function wordsOfProblems(problems: readonly TopicProblem[]): readonly string[] {
  return problems.map(({ topic, what, wanted, found }) =>
    what === "missing"
      ? `  ${topic} is missing: npm run -s tidemark -- topics create`
      : `  ${topic}: ${what} is ${found} and must be ${wanted}: ${remedy(topic, what, wanted)}`,
  );
}

function remedy(topic: string, what: string, wanted: string): string {
  switch (what) {
    case "partitions":
      return "it cannot be changed, since customers would move between partitions: use another TIDEMARK_TOPIC_PREFIX";
    case "replication factor":
      return `kafka-reassign-partitions.sh, or TIDEMARK_REPLICATION=N if fewer copies will do`;
    default:
      return `kafka-configs.sh --bootstrap-server BROKER --alter --entity-type topics --entity-name ${topic} --add-config ${what}=${wanted}`;
  }
}

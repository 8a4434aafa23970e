import { topicNames, topicSpecs } from "@tidemark/contracts";
import type { KafkaLog, TopicProblem } from "@tidemark/log-kafka";
import { TopicMismatch } from "@tidemark/streams";

/**
 * Looks at every topic of an installation before anything is read or written.
 * @returns how many partitions those keyed by customer have
 * @throws TopicMismatch with all that is wrong, and the command that mends each; LogUnavailable
 */
export async function requireTopics(log: KafkaLog, prefix: string): Promise<number> {
  const { partitions, problems } = await topicProblemsOf(log, prefix);
  if (problems.length === 0) return partitions;
  throw new TopicMismatch(["the topics are not what they must be:", ...wordsOfProblems(problems)].join("\n"));
}

/**
 * In what the topics differ from what they must be.
 * @returns also how many partitions those keyed by customer have, by the topic `purchases`; 1 where that is missing
 * @throws LogUnavailable
 */
export async function topicProblemsOf(
  log: KafkaLog,
  prefix: string,
): Promise<{ readonly partitions: number; readonly problems: readonly TopicProblem[] }> {
  const { purchases } = topicNames(prefix);
  const partitions = (await log.topics()).find(({ name }) => name === purchases)?.partitions ?? 1;
  return { partitions, problems: await log.topicProblems(topicSpecs(prefix, partitions)) };
}

/** A line for each problem: what is wrong, and what mends it. */
export function wordsOfProblems(problems: readonly TopicProblem[]): readonly string[] {
  const missing = problems.filter(({ what }) => what === "missing").map(({ topic }) => topic);
  return [
    ...(missing.length === 0
      ? []
      : [`  missing: ${missing.join(", ")}; to create them: npm run -s tidemark -- topics create`]),
    ...problems
      .filter(({ what }) => what !== "missing")
      .map(
        ({ topic, what, wanted, found }) =>
          `  ${topic}: ${what} is ${found} and must be ${wanted}: ${remedy(topic, what, wanted)}`,
      ),
  ];
}

function remedy(topic: string, what: string, wanted: string): string {
  switch (what) {
    case "partitions":
      return "it cannot be changed, since customers would move between partitions: use another TIDEMARK_TOPIC_PREFIX";
    case "replication factor":
      return "kafka-reassign-partitions.sh, or TIDEMARK_REPLICATION where fewer copies will do";
    default:
      return `kafka-configs.sh --bootstrap-server BROKER --alter --entity-type topics --entity-name ${topic} --add-config ${what}=${wanted}`;
  }
}

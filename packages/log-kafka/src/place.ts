import type { TopicPartition } from "@tidemark/streams";

export type { TopicPartition } from "@tidemark/streams";

/** A partition as the key of a map. */
export function placeOf({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`;
}

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

/** A partition as the key of a map. */
export function placeOf({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`;
}

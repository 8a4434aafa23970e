import { Partitioners } from "kafkajs";

/** Which partition a key belongs to, asked of kafkajs, whose partitioner is Java's: it shares no code with ours. */
export function keyPartitioner(partitions: number): (key: Buffer | null) => number {
  const partitioner = Partitioners.DefaultPartitioner();
  const partitionMetadata = Array.from({ length: partitions }, (_, partitionId) => ({
    partitionErrorCode: 0,
    partitionId,
    leader: 0,
    replicas: [],
    isr: [],
  }));
  return (key) => partitioner({ topic: "", partitionMetadata, message: { key, value: null } });
}

import { partitionOf, type StateReader } from "@tidemark/streams";

/** A key for each partition: what a reader answers for any key, known or not, tells how far its partition is. */
export function partitionProbes(partitions: number): readonly string[] {
  const probes = new Map<number, string>();
  for (let index = 0; probes.size < partitions; index++) {
    const key = `probe-${index}`;
    const partition = partitionOf(Buffer.from(key), partitions);
    if (!probes.has(partition)) probes.set(partition, key);
  }
  return [...probes.values()];
}

/** The newest tick of all partitions, ms since the epoch; null before the first turn. */
export function newestTick(states: StateReader, probes: readonly string[]): number | null {
  const tick = Math.max(...probes.map((key) => states.read(key).tick ?? -1));
  return tick < 0 ? null : tick;
}

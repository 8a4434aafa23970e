import type { PartitionBatch, TopicSpec } from "@tidemark/streams";
import { batch, deleteTopic, record } from "./log-under-test.ts";

/** What the process writes that is going to be killed, so that what must be there can be told afterwards. */
const LOOPS = 4;
export const KEYS_WRITTEN = 50;

const COMPACTED: TopicSpec = {
  name: "compacted",
  partitions: 1,
  policy: { cleanup: "compact", compactionLagMsMax: 1_000 },
};
export const TOPICS: readonly TopicSpec[] = [deleteTopic("a", 2), deleteTopic("b", 1), COMPACTED];

/** Concurrent loops, each with numbers of its own, rising. */
export function loopsOf(first: number): { readonly loop: number; readonly numbers: Iterable<number> }[] {
  return Array.from({ length: LOOPS }, (_, loop) => ({ loop, numbers: numbersFrom(first + loop) }));
}

/** The key in the compacted topic that a number is written to: always by the same loop, so its values rise. */
export function keyOf(number: number): string {
  return `loop-${number % LOOPS}`;
}

/** The records of one write, by topic and partition: so many of each number, or none. */
export const COPIES: readonly (readonly [topic: string, partition: number, copies: number])[] = [
  ["a", 0, 5],
  ["b", 0, 2],
  ["a", 1, 1],
];

export function writesOf(number: number): readonly PartitionBatch[] {
  const copies = COPIES.map(([topic, partition, count]) =>
    batch(
      topic,
      partition,
      Array.from({ length: count }, () => record(`${number}`, `${number}`.padEnd(100, "."))),
    ),
  );
  return [...copies, batch("compacted", 0, [record(keyOf(number), `${number}`)])];
}

function* numbersFrom(first: number): Generator<number> {
  for (let number = first; ; number += LOOPS) yield number;
}

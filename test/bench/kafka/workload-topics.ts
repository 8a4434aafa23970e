import type { TopicSpec } from "@tidemark/streams";

/** The topics of the workload: inputs that both programs read, and what ours writes. */
export interface WorkloadTopics {
  readonly inputs: Readonly<Record<InputName, string>>;
  readonly scores: string;
  readonly changelog: string;
  readonly journal: string;
  readonly deadLetters: string;
}

export type InputName = "purchases" | "interactions" | "complaints";

/** As the peer's. */
export const PARTITIONS = 4;

/** @param inputs prefix of the input topics; @param own prefix of what our program writes */
export function workloadTopics(inputs: string, own: string): WorkloadTopics {
  return {
    inputs: {
      purchases: `${inputs}purchases`,
      interactions: `${inputs}interactions`,
      complaints: `${inputs}complaints`,
    },
    scores: `${own}scores`,
    changelog: `${own}changelog`,
    journal: `${own}journal`,
    deadLetters: `${own}dead-letters`,
  };
}

export function inputSpecs({ inputs }: WorkloadTopics): readonly TopicSpec[] {
  return Object.values(inputs).map((name) => ({ name, partitions: PARTITIONS, policy: KEPT }));
}

/** Policies of the product's topics of the same kind; the scores are kept whole, as the peer's are. */
export function ownSpecs({ scores, changelog, journal, deadLetters }: WorkloadTopics): readonly TopicSpec[] {
  const kept = [scores, journal, deadLetters].map((name) => ({ name, partitions: PARTITIONS, policy: KEPT }));
  return [...kept, { name: changelog, partitions: PARTITIONS, policy: COMPACTED }];
}

const DAY_MS = 86_400_000;
const KEPT: TopicSpec["policy"] = { cleanup: "delete", retentionMs: 7 * DAY_MS };
const COMPACTED: TopicSpec["policy"] = { cleanup: "compact", compactionLagMsMax: DAY_MS };

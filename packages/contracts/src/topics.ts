/** Names of all topics, the prefix included. One tenant is one prefix. */
export interface TopicNames {
  readonly purchases: string;
  readonly interactions: string;
  readonly complaints: string;
  readonly customers: string;
  readonly models: string;
  readonly scores: string;
  readonly tierChanges: string;
  readonly churnAlerts: string;
  readonly deadLetters: string;
  /** The changelog: profiles by customer, and the journal entry and barrier of each partition. */
  readonly processorState: string;
  readonly journal: string;
  /** Clock mode `event` only. */
  readonly ticks: string;
  /** Ledger of imported files. */
  readonly imports: string;
}

/** What a log needs to create a topic; the runtime's port to the log has the same shape. */
export interface TopicSettings {
  readonly name: string;
  readonly partitions: number;
  readonly policy:
    | { readonly cleanup: "delete"; readonly retentionMs: number }
    | { readonly cleanup: "compact"; readonly compactionLagMsMax: number };
}

export const TOPIC_PREFIX_DEFAULT = "tidemark.";

export function topicNames(prefix: string = TOPIC_PREFIX_DEFAULT): TopicNames {
  return {
    purchases: `${prefix}purchases`,
    interactions: `${prefix}interactions`,
    complaints: `${prefix}complaints`,
    customers: `${prefix}customers`,
    models: `${prefix}models`,
    scores: `${prefix}scores`,
    tierChanges: `${prefix}tier-changes`,
    churnAlerts: `${prefix}churn-alerts`,
    deadLetters: `${prefix}dead-letters`,
    processorState: `${prefix}processor-state`,
    journal: `${prefix}journal`,
    ticks: `${prefix}ticks`,
    imports: `${prefix}imports`,
  };
}

/**
 * Settings of all topics.
 * @param partitions of every topic keyed by customer, and of the ticks that move their time
 */
export function topicSpecs(prefix: string, partitions: number): readonly TopicSettings[] {
  const names = topicNames(prefix);
  const kept = (name: string, days: number): TopicSettings => {
    return { name, partitions, policy: { cleanup: "delete", retentionMs: days * DAY_MS } };
  };
  const compacted = (name: string, count: number): TopicSettings => {
    return { name, partitions: count, policy: { cleanup: "compact", compactionLagMsMax: COMPACTION_LAG_MS_MAX } };
  };
  return [
    kept(names.purchases, PURCHASES_DAYS),
    kept(names.interactions, INPUTS_DAYS),
    kept(names.complaints, INPUTS_DAYS),
    compacted(names.customers, partitions),
    compacted(names.models, 1),
    compacted(names.scores, partitions),
    kept(names.tierChanges, EVENTS_OUT_DAYS),
    kept(names.churnAlerts, EVENTS_OUT_DAYS),
    kept(names.deadLetters, DEAD_LETTERS_DAYS),
    compacted(names.processorState, partitions),
    kept(names.journal, PURCHASES_DAYS),
    // As long as the journal: turns of clock mode `event` cannot be repeated without the ticks that ended them.
    kept(names.ticks, PURCHASES_DAYS),
    compacted(names.imports, 1),
  ];
}

/**
 * Topics that hold records of a customer under the customer's id: what an export tells, and what an erasure is about.
 * The journal is among them, since a tick may end at a customer.
 */
export const CUSTOMER_TOPICS = [
  "customers",
  "purchases",
  "interactions",
  "complaints",
  "processorState",
  "scores",
  "tierChanges",
  "churnAlerts",
  "deadLetters",
  "journal",
] as const satisfies readonly (keyof TopicNames)[];

const DAY_MS = 86_400_000;
const PURCHASES_DAYS = 3 * 365;
const INPUTS_DAYS = 400;
const EVENTS_OUT_DAYS = 90;
const DEAD_LETTERS_DAYS = 14;
/** Bounds when the last copy of an erased customer is gone from a compacted topic. */
const COMPACTION_LAG_MS_MAX = 7 * DAY_MS;

import { createCodec, type Codec } from "./codec.ts";
import type { Profile } from "./profile.ts";
import type {
  Barrier,
  ChurnAlert,
  Complaint,
  Customer,
  DeadLetter,
  Erasure,
  ImportProgress,
  Interaction,
  JournalEntry,
  ModelArtefact,
  Purchase,
  Score,
  Tick,
  TierChange,
} from "./records.ts";
import { schemaText, type SchemaName } from "./schema.ts";
import { policyOf } from "./schema-compatibility.ts";
import type { SchemaRegistry } from "./schema-registry.ts";
import { Slab } from "./slab.ts";
import { topicNames, type TopicNames } from "./topics.ts";
import { WriterSchemas } from "./writer-schemas.ts";

/** A codec a topic; the changelog holds four kinds of records and has four. */
export interface Codecs {
  readonly purchases: Codec<Purchase>;
  readonly interactions: Codec<Interaction>;
  readonly complaints: Codec<Complaint>;
  readonly customers: Codec<Customer>;
  readonly models: Codec<ModelArtefact>;
  readonly scores: Codec<Score>;
  readonly tierChanges: Codec<TierChange>;
  readonly churnAlerts: Codec<ChurnAlert>;
  readonly deadLetters: Codec<DeadLetter>;
  readonly processorState: Codec<Profile>;
  readonly journal: Codec<JournalEntry>;
  readonly barrier: Codec<Barrier>;
  readonly erasure: Codec<Erasure>;
  readonly ticks: Codec<Tick>;
  readonly imports: Codec<ImportProgress>;
}

export interface Contracts {
  readonly topics: TopicNames;
  readonly codecs: Codecs;
  /**
   * Makes a schema known that a codec said was missing. Resolves too if the registry says there is none: decoding
   * again then ends in MalformedRecord.
   * @throws RegistryUnavailable, or whatever the registry rejects with
   */
  load(schemaId: number): Promise<void>;
}

export interface ContractsOptions {
  readonly registry: SchemaRegistry;
  /** Of topic names, and so of subjects. */
  readonly prefix: string;
}

/**
 * Registers the schema of every topic and opens their codecs.
 * @throws SchemaIncompatible if the registry holds what a schema of this code cannot follow; RegistryUnavailable, or whatever the registry rejects with
 */
export async function openContracts({ registry, prefix }: ContractsOptions): Promise<Contracts> {
  const topics = topicNames(prefix);
  const writers = new WriterSchemas(registry);
  const shared = new Slab();
  // Profiles are kept in memory encoded, the others only until they are written: one chunk must not keep both.
  const profiles = new Slab();

  async function open<T>(name: SchemaName, owner: string, slab: Slab = shared): Promise<Codec<T>> {
    const schemaJson = schemaText(name);
    const schemaId = await registry.register(owner, schemaJson, policyOf(name));
    return createCodec<T>({ schemaJson, schemaId, writers, slab });
  }

  return {
    topics,
    codecs: {
      purchases: await open("purchases", `${topics.purchases}-value`),
      interactions: await open("interactions", `${topics.interactions}-value`),
      complaints: await open("complaints", `${topics.complaints}-value`),
      customers: await open("customers", `${topics.customers}-value`),
      models: await open("models", `${topics.models}-value`),
      scores: await open("scores", `${topics.scores}-value`),
      tierChanges: await open("tier-changes", `${topics.tierChanges}-value`),
      churnAlerts: await open("churn-alerts", `${topics.churnAlerts}-value`),
      deadLetters: await open("dead-letters", `${topics.deadLetters}-value`),
      processorState: await open("processor-state", `${topics.processorState}-value`, profiles),
      journal: await open("journal", `${topics.journal}-value`),
      // The changelog's values are profiles; its barriers and markers go by subjects of their own.
      barrier: await open("barrier", `${topics.processorState}-barrier`),
      erasure: await open("erasure", `${topics.processorState}-erasure`),
      ticks: await open("ticks", `${topics.ticks}-value`),
      imports: await open("imports", `${topics.imports}-value`),
    },
    load: async (schemaId) => writers.load(schemaId),
  };
}

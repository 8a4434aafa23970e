import type { TopicPolicy, TopicSpec } from "@tidemark/streams";

/** How safely topics are kept. */
export interface Replication {
  /** Brokers that keep each partition. */
  readonly factor: number;
  /** Of these, how many must have a record before it counts as stored (L2). */
  readonly insyncMin: number;
}

/** A topic survives the loss of one broker, and takes appends meanwhile. */
export const REPLICATION: Replication = { factor: 3, insyncMin: 2 };

/** How long a tombstone stays readable, ms (R18): a checkpoint older than half of it is not used. */
const TOMBSTONE_RETENTION_MS = 24 * 3_600_000;

/** The settings of a topic that are ours to choose, by Kafka's names. */
export function settingsOf({ policy }: TopicSpec, { insyncMin }: Replication): ReadonlyMap<string, string> {
  const settings = new Map([
    ["message.timestamp.type", "LogAppendTime"], // R2
    ["min.insync.replicas", `${insyncMin}`],
    ["cleanup.policy", policy.cleanup],
  ]);
  if (policy.cleanup === "delete") return settings.set("retention.ms", `${policy.retentionMs}`);
  return settings
    .set("max.compaction.lag.ms", `${policy.compactionLagMsMax}`)
    .set("delete.retention.ms", `${TOMBSTONE_RETENTION_MS}`);
}

/** The settings that tell the policy of a topic. */
export const POLICY_SETTINGS = ["cleanup.policy", "retention.ms", "max.compaction.lag.ms"] as const;

/** @param settings by name, {@link POLICY_SETTINGS} among them */
export function policyOf(settings: ReadonlyMap<string, string>): TopicPolicy {
  // A topic that is both compacted and cut off does not say in the port that it is cut off; none of ours is.
  if (settings.get("cleanup.policy")?.includes("compact") === true) {
    return { cleanup: "compact", compactionLagMsMax: Number(settings.get("max.compaction.lag.ms")) };
  }
  return { cleanup: "delete", retentionMs: Number(settings.get("retention.ms")) };
}

/** Whether a setting as found does what is wanted: more safety than asked for is fine. */
export function isKept(setting: string, wanted: string, found: string): boolean {
  if (setting === "min.insync.replicas" || setting === "delete.retention.ms") return Number(found) >= Number(wanted);
  return found === wanted;
}

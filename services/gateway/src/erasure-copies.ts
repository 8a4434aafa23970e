import { CUSTOMER_TOPICS, topicNames, topicSpecs } from "@tidemark/contracts";
import type { ErasureBody } from "./bodies.ts";
import { isoTime } from "./outputs.ts";

const DAY_MS = 86_400_000;
/** Records leave in segments; both logs close one after so long at the latest. */
const SEGMENT_MS_MAX = 7 * DAY_MS;
/** A deletion mark, which has the id and nothing else, stays readable so long. */
const MARK_MS = DAY_MS;

/**
 * Until when the log holds anything of a customer at the latest, by topic, by the settings that topics are created with.
 * @param at when the log took the erasure, ms since the epoch
 */
export function copiesAfter(at: number): ErasureBody["copies"] {
  const specs = new Map(topicSpecs("", 1).map((spec) => [spec.name, spec]));
  const names = topicNames("");
  return CUSTOMER_TOPICS.map((topic) => {
    const name = names[topic];
    const spec = specs.get(name);
    if (spec === undefined) throw new Error(`there is no topic ${name}`);
    const { policy } = spec;
    // Compaction takes the records within its lag, and their deletion marks in a pass after.
    const goneAfterMs =
      policy.cleanup === "compact" ? 2 * policy.compactionLagMsMax + MARK_MS : policy.retentionMs + SEGMENT_MS_MAX;
    return { topic: name, policy: policy.cleanup, goneBy: isoTime(at + goneAfterMs) };
  });
}

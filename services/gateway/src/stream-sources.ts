import { type Codec, type Contracts, MalformedRecord } from "@tidemark/contracts";
import type { LogRecord } from "@tidemark/streams";
import { alertEvent, scoreEvent, tierChangeEvent, tierName } from "./outputs.ts";
import type { StreamItem } from "./stream-queue.ts";
import type { StreamSource } from "./topic-tail.ts";

/**
 * The three live streams.
 * @param onUnreadable told of a record that does not follow its schema; it is left out
 */
export function streamSources(
  contracts: Contracts,
  onUnreadable: (topic: string, error: MalformedRecord) => void,
): readonly StreamSource[] {
  const { topics, codecs } = contracts;
  const source = <Output>(
    parts: Pick<StreamSource, "topic" | "event" | "coalesces"> & {
      readonly codec: Codec<Output>;
      readonly describe: (output: Output) => Pick<StreamItem, "key" | "tier" | "segment" | "data">;
    },
  ): StreamSource => ({
    topic: parts.topic,
    event: parts.event,
    coalesces: parts.coalesces,
    load: (schemaId) => contracts.load(schemaId),
    read(partition: number, record: LogRecord) {
      if (record.value === null) return null;
      try {
        return { partition, offset: record.offset, ...parts.describe(parts.codec.decode(record.value)) };
      } catch (error) {
        if (!(error instanceof MalformedRecord)) throw error;
        onUnreadable(parts.topic, error);
        return null;
      }
    },
  });
  return [
    source({
      topic: topics.scores,
      event: "score",
      coalesces: true,
      codec: codecs.scores,
      describe: (score) => ({
        key: score.customerId,
        tier: tierName(score.tier),
        segment: score.segment,
        data: JSON.stringify(scoreEvent(score)),
      }),
    }),
    source({
      topic: topics.tierChanges,
      event: "tier-change",
      coalesces: false,
      codec: codecs.tierChanges,
      describe: (change) => ({
        key: change.customerId,
        tier: tierName(change.to),
        segment: change.segment,
        data: JSON.stringify(tierChangeEvent(change)),
      }),
    }),
    source({
      topic: topics.churnAlerts,
      event: "churn-alert",
      coalesces: false,
      codec: codecs.churnAlerts,
      describe: (alert) => ({
        key: alert.customerId,
        tier: tierName(alert.tier),
        segment: alert.segment,
        data: JSON.stringify(alertEvent(alert)),
      }),
    }),
  ];
}

import type { EventLog } from "@tidemark/streams";

/** From which offset of a topic on append times are lower by how much. */
export interface Skew {
  readonly topic: string;
  readonly offset: number;
  readonly ms: number;
}

/** The log as it is when a partition has moved to a leader whose clock is behind: its append times fall once. */
export function skewedLog(log: EventLog, { topic, offset, ms }: Skew): EventLog {
  return {
    createTopics: (specs) => log.createTopics(specs),
    topics: () => log.topics(),
    offsets: (ofTopic, partition) => log.offsets(ofTopic, partition),
    async fetch(positions, options) {
      const slices = await log.fetch(positions, options);
      return slices.map((slice) => {
        if (slice.topic !== topic) return slice;
        const records = slice.records.map((record) => ({
          offset: record.offset,
          appendedAt: record.offset < offset ? record.appendedAt : record.appendedAt - ms,
          key: record.key,
          value: record.value,
          bytes: record.bytes,
        }));
        // No more is promised than a leader that may be behind can hold.
        return { ...slice, records, completeTo: slice.completeTo - ms };
      });
    },
    append: (batches, options) => log.append(batches, options),
    openWriter: (id, places) => log.openWriter(id, places),
    close: () => log.close(),
  };
}

import type { TopicNames } from "@tidemark/contracts";
import type { Clock, EventLog } from "@tidemark/streams";

/** How many records the log has taken in and given out since it began. */
export interface LogTotals {
  readonly eventsAppended: number;
  readonly scoresEmitted: number;
}

/** Many pages that ask at once cost one look at the log. */
const FRESH_MS = 400;

/** Reads the totals off the ends of the topics; their growth is the rate. @throws LogUnavailable */
export function createLogTotals(options: {
  readonly log: EventLog;
  readonly topics: TopicNames;
  readonly clock: Clock;
  readonly partitions: number;
}): () => Promise<LogTotals> {
  const { log, topics, clock, partitions } = options;
  let last: { readonly at: number; readonly totals: Promise<LogTotals> } | null = null;

  const endOf = async (topic: string): Promise<number> => {
    const ranges = await Promise.all(Array.from({ length: partitions }, (_, index) => log.offsets(topic, index)));
    return ranges.reduce((sum, range) => sum + range.end, 0);
  };
  const look = async (): Promise<LogTotals> => {
    const { purchases, interactions, complaints, customers } = topics;
    const inputs = await Promise.all([purchases, interactions, complaints, customers].map(endOf));
    return {
      eventsAppended: inputs.reduce((sum, end) => sum + end, 0),
      scoresEmitted: await endOf(topics.scores),
    };
  };
  return () => {
    const at = clock.monotonic();
    if (last === null || at - last.at > FRESH_MS) last = { at, totals: look() };
    return last.totals;
  };
}

import type { EventLog, LogWriter, Slice } from "@tidemark/streams";

/** What a test does to a log on its way. */
export interface LogChanges {
  /** The name under which a topic lies in the log; the same if absent. */
  readonly nameOf?: (topic: string) => string;
  /** What becomes of a slice that was fetched. */
  readonly slice?: (slice: Slice) => Slice;
}

/** A log through which another is seen changed, at the port. */
export function logWrapped(log: EventLog, { nameOf = same, slice = same }: LogChanges): EventLog {
  return {
    createTopics: (specs) => log.createTopics(specs.map((spec) => ({ ...spec, name: nameOf(spec.name) }))),
    topics: () => log.topics(),
    offsets: (topic, partition) => log.offsets(nameOf(topic), partition),
    async fetch(positions, options) {
      const wanted = positions.map((position) => ({ ...position, topic: nameOf(position.topic) }));
      const slices = await log.fetch(wanted, options);
      return slices.map((each, index) => slice({ ...each, topic: positions[index]?.topic ?? each.topic }));
    },
    append: (batches, options) => log.append(batches.map(named), options),
    async openWriter(id, places): Promise<LogWriter> {
      const writer = await log.openWriter(nameOf(id), places?.map(named));
      return { commit: (batches) => writer.commit(batches.map(named)), close: () => writer.close() };
    },
    close: () => log.close(),
  };

  function named<Each extends { readonly topic: string }>(each: Each): Each {
    return { ...each, topic: nameOf(each.topic) };
  }
}

function same<Value>(value: Value): Value {
  return value;
}

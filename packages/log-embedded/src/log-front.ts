import type { EventLog, LogRecord, LogWriter, PartitionBatch, Slice } from "@tidemark/streams";
import { readRecords } from "./batch-cut.ts";
import { encodeParts, type EncodedPart } from "./encoded-part.ts";
import type { CoreWriter, EncodedSlice, LogCore } from "./log-core.ts";

/** The {@link EventLog} of a core: makes bytes of the records that go in, and records of the bytes that come out. */
export function logFront(core: LogCore): EventLog {
  return {
    createTopics: (specs) => core.createTopics(specs),
    topics: () => core.topics(),
    offsets: (topic, partition) => core.offsets(topic, partition),
    fetch: async (positions, options) => (await core.fetch(positions, options)).map(sliceOf),
    append: async (batches, options) => core.append(encodeParts(batches), options?.after ?? -1),
    openWriter: async (id) => writerOf(await core.openWriter(id)),
    close: () => core.close(),
  };
}

function writerOf(core: CoreWriter): LogWriter {
  return {
    commit: async (batches) => core.commit(encodedFor(core, batches)),
    close: async () => core.close(),
  };
}

/** After any throw a writer is of no further use, after one of this thread too. */
function encodedFor(core: CoreWriter, batches: readonly PartitionBatch[]): readonly EncodedPart[] {
  try {
    return encodeParts(batches);
  } catch (error) {
    core.close();
    throw error;
  }
}

function sliceOf({ cuts, topic, partition, offsetNext, offsetEnd, completeTo }: EncodedSlice): Slice {
  const records: LogRecord[] = [];
  for (const cut of cuts) readRecords(cut, records);
  return { topic, partition, records, offsetNext, offsetEnd, completeTo };
}

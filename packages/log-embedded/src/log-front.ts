import type { Appended, EventLog, LogRecord, LogWriter, PartitionBatch, Slice } from "@tidemark/streams";
import { assert, TaskFenced } from "@tidemark/streams";
import { readRecords } from "./batch-cut.ts";
import { encodeParts } from "./encoded-part.ts";
import type { EncodedSlice, LogCore, WriterEpoch } from "./log-core.ts";

/** The {@link EventLog} of a core: makes bytes of the records that go in, and records of the bytes that come out. */
export function logFront(core: LogCore): EventLog {
  return {
    createTopics: (specs) => core.createTopics(specs),
    topics: () => core.topics(),
    offsets: (topic, partition) => core.offsets(topic, partition),
    fetch: async (positions, options) => (await core.fetch(positions, options)).map(sliceOf),
    append: async (batches, options) => core.append(encodeParts(batches), options?.after ?? -1),
    openWriter: async (id) => new FrontWriter(core, await core.openWriter(id)),
    close: () => core.close(),
  };
}

/** Commits one after the other, and none after one that failed, whichever thread it failed in. */
class FrontWriter implements LogWriter {
  readonly #core: LogCore;
  readonly #epoch: WriterEpoch;
  #committing = false;
  #ended = false;

  constructor(core: LogCore, epoch: WriterEpoch) {
    this.#core = core;
    this.#epoch = epoch;
  }

  async commit(batches: readonly PartitionBatch[]): Promise<Appended> {
    assert(!this.#committing, "a writer has one commit under way");
    if (this.#ended) throw new TaskFenced("this writer was closed or has failed: open another");
    this.#committing = true;
    try {
      return await this.#core.commit(this.#epoch, encodeParts(batches));
    } catch (error) {
      this.#ended = true;
      throw error;
    } finally {
      this.#committing = false;
    }
  }

  async close(): Promise<void> {
    this.#ended = true;
  }
}

function sliceOf({ cuts, topic, partition, offsetNext, offsetEnd, completeTo }: EncodedSlice): Slice {
  const records: LogRecord[] = [];
  for (const cut of cuts) readRecords(cut, records);
  return { topic, partition, records, offsetNext, offsetEnd, completeTo };
}

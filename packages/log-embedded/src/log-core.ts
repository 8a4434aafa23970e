import type { Appended, FetchOptions, OffsetRange, Position, Slice, TopicSpec } from "@tidemark/streams";
import type { BatchCut } from "./batch-cut.ts";
import type { EncodedPart } from "./encoded-part.ts";

/**
 * The log as it keeps its records: encoded. `logFront` makes an EventLog of one, in whichever thread the client is:
 * there records become bytes and bytes records, and the log's own thread does nothing for a single record but walk
 * over it.
 */
export interface LogCore {
  createTopics(specs: readonly TopicSpec[]): Promise<void>;
  topics(): Promise<readonly TopicSpec[]>;
  offsets(topic: string, partition: number): Promise<OffsetRange>;
  fetch(positions: readonly Position[], options: FetchOptions): Promise<readonly EncodedSlice[]>;
  /** @param after the append time will be greater; −1 where it does not matter */
  append(parts: readonly EncodedPart[], after: number): Promise<Appended>;
  openWriter(id: string): Promise<WriterEpoch>;
  commit(writer: WriterEpoch, parts: readonly EncodedPart[]): Promise<Appended>;
  close(): Promise<void>;
}

/** Who commits: of the epochs of an id only the last may. */
export interface WriterEpoch {
  readonly id: string;
  readonly epoch: number;
}

/** A slice whose records are still to be read. */
export interface EncodedSlice extends Omit<Slice, "records"> {
  /** In order; each holds a record at least. */
  readonly cuts: readonly BatchCut[];
}

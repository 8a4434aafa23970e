import type { TopicSpec } from "@tidemark/streams";
import { LogCorrupted, LogUnavailable, TopicMismatch, VersionTooNew } from "@tidemark/streams";
import { loadSegments, type StoredSegment } from "./closed-segment.ts";
import { fromFormatOne } from "./format-one.ts";
import { fromFormatThree } from "./format-three.ts";
import { removalOfHalfWritten } from "./half-written.ts";
import { batchKeys, FORMAT_KEY, OFFSET_BEYOND, PARTITION_KEYS, partitionKey, TOPIC_KEYS, topicKey } from "./keys.ts";
import { messageOf, RESTORE } from "./level-errors.ts";
import { readKeys, readValues, writeLevel, type LevelInstance, type LevelOperation } from "./level-instance.ts";
import { encodeMetadata, readMetadata } from "./metadata.ts";
import { emptyPartition, runIn, type Partition, type Run } from "./partition.ts";
import { openBatch } from "./stored-batch.ts";
import { TailCache } from "./tail-cache.ts";

/**
 * Everything the log knows in memory, and how it is found again on disk.
 */
export interface LogState {
  readonly topics: Map<string, Topic>;
  readonly segment: OpenSegment;
  /** The newest append time in the log, ms; 0 where there is none. */
  appendedTo: number;
  readonly tail: TailCache;
}

export interface Topic {
  readonly id: number;
  readonly spec: TopicSpec;
  readonly partitions: readonly Partition[];
}

/** The segment that is written to. */
export interface OpenSegment {
  number: number;
  bytes: number;
  /** Append time of its first group; null while it is empty. */
  appendedFrom: number | null;
}

const FORMAT_VERSION = 4;
const FORMAT_NAME = "tidemark-log";

interface StoredFormat {
  readonly format: string;
  readonly version: number;
}

interface StoredTopic {
  readonly id: number;
  readonly spec: TopicSpec;
}

interface StoredPartition {
  readonly topicId: number;
  readonly partition: number;
  readonly start: number;
  readonly compactedTo: number;
  readonly compactedRecords: number;
  /** Of a partition that was compacted before this was noted: absent. */
  readonly tombstonesFrom?: number | null;
  /** The newest append time in the log: it must not fall though the records that had it are gone. */
  readonly appendedTo: number;
}

/** @throws TopicMismatch where there is no such topic or partition */
export function partitionOf(state: LogState, topic: string, index: number): Partition {
  const partition = state.topics.get(topic)?.partitions[index];
  if (partition === undefined) {
    throw new TopicMismatch(`there is no partition ${index} of a topic ${topic}: create the topics first`);
  }
  return partition;
}

export function* partitionsOf(state: LogState): Generator<Partition> {
  for (const { partitions } of state.topics.values()) yield* partitions;
}

export function newTopic(id: number, spec: TopicSpec): Topic {
  return { id, spec, partitions: Array.from({ length: spec.partitions }, (_, i) => emptyPartition(spec.name, id, i)) };
}

export function topicOperation({ id, spec }: Topic): LevelOperation {
  return { type: "put", key: topicKey(spec.name), value: encodeMetadata({ id, spec } satisfies StoredTopic) };
}

export function partitionOperation(state: LogState, partition: Partition): LevelOperation {
  const { topicId, index, start, compactedTo, compactedRecords, tombstonesFrom } = partition;
  const { appendedTo } = state;
  const stored = { topicId, partition: index, start, compactedTo, compactedRecords, tombstonesFrom, appendedTo };
  return { type: "put", key: partitionKey(topicId, index), value: encodeMetadata(stored satisfies StoredPartition) };
}

export function contentOf(state: LogState, segment: number): StoredSegment {
  const runs: StoredSegment["runs"][number][] = [];
  for (const partition of partitionsOf(state)) {
    const run = runIn(partition, segment);
    if (run === undefined) continue;
    runs.push([partition.topicId, partition.index, run.end, run.appendedFrom, run.appendedTo]);
  }
  return { segment, runs };
}

/** Written again it changes nothing. */
export function formatOperation(): LevelOperation {
  const stored: StoredFormat = { format: FORMAT_NAME, version: FORMAT_VERSION };
  return { type: "put", key: FORMAT_KEY, value: encodeMetadata(stored) };
}

/**
 * What the Level holds, after creating it if it is empty.
 * @throws VersionTooNew, LogCorrupted, LogUnavailable
 */
export async function loadState(level: LevelInstance, tailBytesMax: number): Promise<LogState> {
  await prepare(level);
  const segment = { number: 0, bytes: 0, appendedFrom: null };
  const state: LogState = { topics: new Map(), segment, appendedTo: 0, tail: new TailCache(tailBytesMax) };
  for (const { id, spec } of await readMetadata<StoredTopic>(level, TOPIC_KEYS)) {
    state.topics.set(spec.name, newTopic(id, spec));
  }
  const partitions = new Map<string, Partition>();
  for (const partition of partitionsOf(state)) partitions.set(`${partition.topicId}/${partition.index}`, partition);
  for (const stored of await readMetadata<StoredPartition>(level, PARTITION_KEYS)) {
    const partition = knownPartition(partitions, stored.topicId, stored.partition);
    partition.start = stored.start;
    partition.end = stored.start;
    partition.compactedTo = stored.compactedTo;
    partition.compactedRecords = stored.compactedRecords;
    partition.tombstonesFrom = stored.tombstonesFrom ?? null;
    state.appendedTo = Math.max(state.appendedTo, stored.appendedTo);
  }
  const { closed, open } = await loadSegments(level);
  state.segment.number = open;
  for (const { segment: number, runs } of closed) {
    for (const [topicId, index, end, appendedFrom, appendedTo] of runs) {
      addRun(state, knownPartition(partitions, topicId, index), { segment: number, end, appendedFrom, appendedTo });
    }
  }
  await loadOpenSegment(level, state);
  return state;
}

/**
 * Creates the log, brings it to this format, or takes out what was half written, where that is to be done.
 * @throws VersionTooNew, LogCorrupted, LogUnavailable
 */
async function prepare(level: LevelInstance): Promise<void> {
  const version = await versionOf(level);
  const operations = await (version === FORMAT_VERSION ? removalOfHalfWritten(level) : fromFormatThree(level));
  if (version === 1) operations.push(...(await fromFormatOne(level)));
  if (version !== FORMAT_VERSION) operations.push(formatOperation());
  if (operations.length === 0) return;
  try {
    await writeLevel(level, operations);
  } catch (error) {
    const done = version === FORMAT_VERSION ? "mended" : "created";
    throw new LogUnavailable(`the log cannot be ${done}: ${messageOf(error)}`, { cause: error });
  }
}

/** @returns null for a new log */
async function versionOf(level: LevelInstance): Promise<number | null> {
  const [stored] = await readMetadata<StoredFormat>(level, { gte: FORMAT_KEY, lt: TOPIC_KEYS.gte });
  if (stored === undefined) {
    const [key] = await readKeys(level, { limit: 1 });
    if (key === undefined) return null;
    throw new LogCorrupted(
      `this is not the directory of a log, or its first entry was lost: name another directory, or ${RESTORE}`,
    );
  }
  if (stored.version > FORMAT_VERSION) {
    throw new VersionTooNew(
      `the log has format ${stored.version}, this code reads up to ${FORMAT_VERSION}: upgrade tidemark`,
    );
  }
  return stored.version;
}

/** The ends of the segment that was written last: nobody has noted them yet. */
async function loadOpenSegment(level: LevelInstance, state: LogState): Promise<void> {
  const appendedFrom = state.appendedTo;
  for (const partition of partitionsOf(state)) {
    const place = { segment: state.segment.number, topicId: partition.topicId, partition: partition.index };
    const range = batchKeys(place, 0, OFFSET_BEYOND);
    const [bytes] = await readValues(level, { ...range, reverse: true, limit: 1 });
    if (bytes === undefined) continue;
    const batch = openBatch(bytes);
    if (batch === null) {
      throw new LogCorrupted(
        `the last batch of ${partition.topic}/${partition.index} does not match its checksum: ${RESTORE}`,
      );
    }
    const { offsetLast, appendedAt } = batch;
    addRun(state, partition, { segment: place.segment, end: offsetLast + 1, appendedFrom, appendedTo: appendedAt });
    state.segment.appendedFrom = appendedFrom;
    // How much it holds is not known: the next group begins another.
    state.segment.bytes = Infinity;
  }
}

function addRun(state: LogState, partition: Partition, run: Run): void {
  state.appendedTo = Math.max(state.appendedTo, run.appendedTo);
  if (run.end <= partition.start) {
    partition.expired.push(run);
    return;
  }
  partition.runs.push(run);
  partition.end = run.end;
}

function knownPartition(partitions: ReadonlyMap<string, Partition>, topicId: number, index: number): Partition {
  const partition = partitions.get(`${topicId}/${index}`);
  if (partition === undefined) {
    throw new LogCorrupted(`there is no topic ${topicId} with a partition ${index}: ${RESTORE}`);
  }
  return partition;
}

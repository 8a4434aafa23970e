import type {
  EventLog,
  LogRecord,
  PartitionBatch,
  Position,
  RecordToAppend,
  Slice,
  TopicSpec,
} from "@tidemark/streams";

/** One log that a conformance suite may use and is given back. */
export interface LogUnderTest {
  readonly log: EventLog;
  /** By how much a record may break L6, ms: what a broker that lacks processor time takes from stamping a batch to appending it. Default 0. */
  readonly lateMsMax?: number;
  /** Closes the log and opens it on what it has stored; `log` is of no further use. */
  reopen(): Promise<LogUnderTest>;
  /** Closes the log and lets go of what it has stored. */
  dispose(): Promise<void>;
}

export type OpenLog = () => Promise<LogUnderTest>;

/** What the suites ask of a log: the other records of a broker do not concern them. */
export async function createTopic(log: EventLog, partitions = 1): Promise<string> {
  const name = `conformance-${process.pid}-${(topicsCreated += 1)}-${Date.now()}`;
  await log.createTopics([deleteTopic(name, partitions)]);
  return name;
}

let topicsCreated = 0;

export function deleteTopic(name: string, partitions: number): TopicSpec {
  return { name, partitions, policy: { cleanup: "delete", retentionMs: 7 * 24 * 3_600_000 } };
}

export function record(key: string | null, value: string | null): RecordToAppend {
  return { key: key === null ? null : Buffer.from(key), value: value === null ? null : Buffer.from(value) };
}

/** `count` records named after `name`, of about `bytes` each. */
export function records(name: string, count: number, bytes = 16): RecordToAppend[] {
  return Array.from({ length: count }, (_, index) => record(`key-${index}`, `${name}-${index}`.padEnd(bytes, ".")));
}

export function batch(topic: string, partition: number, content: readonly RecordToAppend[]): PartitionBatch {
  return { topic, partition, records: content };
}

/** Key and value in a form that compares and prints well, a character a byte. */
export function shown({ key, value }: RecordToAppend | LogRecord): readonly [string | null, string | null] {
  return [text(key), text(value)];
}

function text(field: Uint8Array | string | null): string | null {
  return field === null ? null : Buffer.from(field).toString("latin1");
}

export interface FetchFor {
  readonly bytesMax?: number;
  readonly waitMs?: number;
  readonly signal?: AbortSignal;
}

export function fetchFrom(
  log: EventLog,
  positions: readonly Position[],
  { bytesMax = 1_000_000, waitMs = 0, signal = new AbortController().signal }: FetchFor = {},
): Promise<readonly Slice[]> {
  return log.fetch(positions, { bytesMaxPerPartition: bytesMax, waitMsMax: waitMs, signal });
}

/** One slice of one position. */
export async function fetchOne(
  log: EventLog,
  topic: string,
  partition: number,
  offset: number,
  options?: FetchFor,
): Promise<Slice> {
  const [slice] = await fetchFrom(log, [{ topic, partition, offset }], options);
  if (slice === undefined) throw new Error("a fetch of one position returned no slice");
  return slice;
}

/** Everything from `offset` to the end as it is now, by as many fetches as it takes. */
export async function readAll(
  log: EventLog,
  topic: string,
  partition: number,
  { offset = 0, bytesMax = 1_000_000 }: { readonly offset?: number; readonly bytesMax?: number } = {},
): Promise<LogRecord[]> {
  const { end } = await log.offsets(topic, partition);
  const read: LogRecord[] = [];
  for (let next = offset; next < end;) {
    const slice = await fetchOne(log, topic, partition, next, { bytesMax, waitMs: 5_000 });
    read.push(...slice.records);
    next = slice.offsetNext;
  }
  return read;
}

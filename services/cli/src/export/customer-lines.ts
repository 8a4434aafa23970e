import { createErasureNames, CUSTOMER_TOPICS, SchemaMissing } from "@tidemark/contracts";
import { type LogRecord, parseChangelogKey, readToEnd } from "@tidemark/streams";
import type { OpenData } from "../opened-data.ts";

/** One thing that is stored about a customer, as `export` tells it. */
export interface CustomerLine {
  /** Without the prefix. */
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  /** When the log took it, ISO 8601 UTC. */
  readonly storedAt: string;
  /** Bytes in hexadecimal; null = a deletion. */
  readonly record: unknown;
}

/**
 * Everything in the log that is kept under a customer's id, and the marker of an erasure: events, profile, scores, tier changes, alerts, and the dead letters of
 * records that came under it. The newest profile and score of compacted topics stand last; older ones are told while they are there.
 */
export async function* customerLines(data: OpenData, id: string): AsyncGenerator<readonly CustomerLine[]> {
  const { contracts, installation, erasureSecret } = data;
  const { topics, codecs } = contracts;
  const key = Buffer.from(id);
  const markerKey = erasureSecret === null ? null : createErasureNames(erasureSecret).markerKey(id);
  for (const name of TOPICS) {
    // All of them: who sent a record into a wrong partition left it there.
    for (let partition = 0; partition < installation.partitions; partition += 1) {
      const isOwn = (found: Uint8Array): boolean => {
        if (name !== "processorState") return key.equals(found);
        const parsed = parseChangelogKey(found);
        return (
          (parsed?.kind === "state" && parsed.key === id) || (parsed?.kind === "marker" && parsed.key === markerKey)
        );
      };
      const codecOf = (found: Uint8Array | null) => {
        const isMarker = name === "processorState" && parseChangelogKey(found ?? NO_KEY)?.kind === "marker";
        return isMarker ? codecs.erasure : codecs[name];
      };
      for await (const records of recordsOf(data, topics[name], partition, isOwn)) {
        const lines: CustomerLine[] = [];
        for (const { offset, appendedAt, key: found, value } of records) {
          const codec = codecOf(found);
          lines.push({
            topic: topics[name].slice(installation.topicPrefix.length),
            partition,
            offset,
            storedAt: new Date(appendedAt).toISOString(),
            record: value === null ? null : plain(await decoded(data, (bytes) => codec.decode(bytes), value)),
          });
        }
        yield lines;
      }
    }
  }
}

const NO_KEY = new Uint8Array();
/** The journal holds ids of customers, and nothing that is said of them. */
const TOPICS = CUSTOMER_TOPICS.filter((name) => name !== "journal");

async function* recordsOf(
  { log, clock }: OpenData,
  topic: string,
  partition: number,
  isWanted: (key: Uint8Array) => boolean,
): AsyncGenerator<readonly LogRecord[]> {
  const { signal } = new AbortController();
  for await (const { records } of readToEnd(log, { topic, partition }, { bytesMax: FETCH_BYTES_MAX, signal })) {
    const wanted = records.filter(({ key }) => key !== null && isWanted(key));
    if (wanted.length > 0) yield wanted;
    // A server answers others between two steps.
    await clock.yield();
  }
}

const FETCH_BYTES_MAX = 1024 * 1024;

/** What cannot be read, and that is why it is a dead letter, is told as it is. */
async function decoded(
  { contracts }: OpenData,
  decode: (bytes: Uint8Array) => unknown,
  value: Uint8Array,
): Promise<unknown> {
  try {
    return decode(value);
  } catch (error) {
    if (!(error instanceof SchemaMissing)) return { unreadable: value };
    await contracts.load(error.id);
  }
  try {
    return decode(value);
  } catch {
    return { unreadable: value };
  }
}

/** As JSON can carry it. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString("hex");
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, plain(field)]));
}

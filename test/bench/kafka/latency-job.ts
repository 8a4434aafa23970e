import { systemClock } from "@tidemark/clock";
import type { EventLog, LogRecord, Position } from "@tidemark/streams";
import type { JobContext } from "../job-context.ts";
import { type Quantiles, quantilesOf } from "../quantiles.ts";
import { LatencyMatch } from "./latency-match.ts";
import { SCHEMA_IDS, SCHEMAS } from "./schemas.ts";
import type { Score } from "./value-model.ts";
import { wireCodec } from "./wire-codec.ts";
import { openWorkloadLog } from "./workload-log.ts";
import { PARTITIONS, workloadTopics } from "./workload-topics.ts";

export interface LatencyInput {
  readonly broker: string;
  /** Prefix of the input topics, whose events are all read. */
  readonly inputs: string;
  /** The topic that the program writes its scores to. */
  readonly scores: string;
  /** Events of so many ms from the first on are not measured. */
  readonly warmUpMs: number;
}

export interface LatencyFigures {
  /** From the append of an event, by the broker's clock, to a read_committed reader having a score that holds it. */
  readonly appendToScoreMs: Quantiles;
  readonly missing: number;
}

/** Reads events and scores until it is told to stop and no score is missing any more. */
export async function latencyJob(
  { broker, inputs, scores, warmUpMs }: LatencyInput,
  { signal, ready }: JobContext,
): Promise<LatencyFigures> {
  const clock = systemClock();
  const log = await openWorkloadLog({ kind: "kafka", broker }, "bench-reader", clock, { askIntervalMs: 0 });
  const latencies: number[] = [];
  let firstAt = Number.POSITIVE_INFINITY;
  const match = new LatencyMatch((appendedAt, latencyMs) => {
    if (appendedAt >= firstAt + warmUpMs) latencies.push(latencyMs);
  });
  const end = new AbortController();
  const events = follow(log, Object.values(workloadTopics(inputs, "").inputs), end.signal, ({ key, appendedAt }) => {
    firstAt = Math.min(firstAt, appendedAt);
    match.event(customerOf(key), appendedAt);
  });
  const scored = follow(log, [scores], end.signal, ({ key, value }) => {
    match.score(customerOf(key), VERSION.decode(value ?? NOTHING)?.version ?? Number.NaN, clock.now());
  });
  ready(null);
  await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
  const deadline = clock.monotonic() + LAST_SCORES_MS_MAX;
  while (match.open > 0 && clock.monotonic() < deadline) await clock.sleep(10, end.signal);
  end.abort();
  await Promise.all([events, scored]);
  await log.close();
  return { appendToScoreMs: quantilesOf(latencies), missing: match.open };
}

const LAST_SCORES_MS_MAX = 10_000;
const NOTHING = new Uint8Array();
const VERSION = wireCodec<Pick<Score, "version">>(SCHEMA_IDS.score, SCHEMAS.score);

function customerOf(key: Uint8Array | null): string {
  return Buffer.from(key ?? NOTHING).toString("latin1");
}

/** Hands over the records of topics from their beginning on, as they come. */
async function follow(
  log: EventLog,
  topics: readonly string[],
  signal: AbortSignal,
  take: (record: LogRecord) => void,
): Promise<void> {
  let positions: readonly Position[] = topics.flatMap((topic) =>
    Array.from({ length: PARTITIONS }, (_, partition) => ({ topic, partition, offset: 0 })),
  );
  while (!signal.aborted) {
    const slices = await log.fetch(positions, { bytesMaxPerPartition: 500_000, waitMsMax: 500, signal });
    for (const { records } of slices) for (const record of records) take(record);
    positions = slices.map(({ topic, partition, offsetNext }) => ({ topic, partition, offset: offsetNext }));
  }
}

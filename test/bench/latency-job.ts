import { systemClock } from "@tidemark/clock";
import type { Position } from "@tidemark/streams";
import type { JobContext } from "./job-context.ts";
import { openLoop } from "./open-loop.ts";
import { type Quantiles, quantilesOf } from "./quantiles.ts";
import { caughtUp, checkAllApplied, openRig, PARTITIONS, type Rig } from "./rig.ts";
import { encodeEvent, generate, WORKLOAD } from "./workload.ts";

export interface LatencyInput {
  /** Whose log and stores hold so many customers. */
  readonly directory: string;
  readonly customers: number;
  readonly eventsPerSecond: number;
  /** Scored but not measured, at the start. */
  readonly warmUpSeconds: number;
  readonly seconds: number;
}

export interface LatencyFigures {
  /** From the call that appends an event to a reader of the scores having its score in hand. */
  readonly eventToScoreMs: Quantiles;
  /** Events whose score never came. */
  readonly missing: number;
}

const LAST_SCORES_MS_MAX = 10_000;

/**
 * Appends event by event at a steady rate to a running processor and reads the scores. Each event is of another
 * customer, so a score tells which event it came from.
 */
export async function latencyJob(input: LatencyInput, { signal }: JobContext): Promise<LatencyFigures> {
  const { directory, customers, eventsPerSecond, warmUpSeconds, seconds } = input;
  const count = Math.ceil((warmUpSeconds + seconds) * eventsPerSecond);
  if (count > customers) throw new Error(`${count} events of different customers need as many customers`);
  const clock = systemClock();
  const rig = await openRig(directory);
  const processor = await rig.startProcessor();
  await caughtUp(processor);

  const appendedAt = new Map<string, number>();
  const latencies: number[] = [];
  const measuredFrom = clock.monotonic() + warmUpSeconds * 1_000;
  const stop = new AbortController();
  const reading = readScores(rig, await scoresEnd(rig), stop.signal, (customer) => {
    const at = appendedAt.get(customer);
    if (at === undefined) return;
    appendedAt.delete(customer);
    if (at >= measuredFrom) latencies.push(clock.monotonic() - at);
  });

  const span = { startAt: Date.now(), spanDays: (warmUpSeconds + seconds) / 86_400 };
  const events = generate({ ...WORKLOAD, ...span, events: count, customers, cover: true, seed: 2 });
  const appends: Promise<unknown>[] = [];
  await openLoop({ ratePerSecond: eventsPerSecond, count, clock, signal }, () => {
    const next = events.next();
    if (next.done === true) return;
    const { topic, partition, record } = encodeEvent(rig.contracts, PARTITIONS, next.value);
    appendedAt.set(next.value.customerId, clock.monotonic());
    appends.push(rig.log.append([{ topic, partition, records: [record] }]));
  });
  await Promise.all(appends);
  const deadline = clock.monotonic() + LAST_SCORES_MS_MAX;
  while (appendedAt.size > 0 && clock.monotonic() < deadline) await clock.sleep(10, signal);
  stop.abort();
  await reading;
  checkAllApplied(processor);
  await processor.stop();
  await rig.close();
  return { eventToScoreMs: quantilesOf(latencies), missing: appendedAt.size };
}

async function scoresEnd({ log, contracts }: Rig): Promise<readonly Position[]> {
  const topic = contracts.topics.scores;
  const partitions = Array.from({ length: PARTITIONS }, (_, partition) => partition);
  return Promise.all(
    partitions.map(async (partition) => ({ topic, partition, offset: (await log.offsets(topic, partition)).end })),
  );
}

async function readScores(
  { log }: Rig,
  from: readonly Position[],
  signal: AbortSignal,
  onScore: (customer: string) => void,
): Promise<void> {
  let positions = from;
  while (!signal.aborted) {
    const slices = await log.fetch(positions, { bytesMaxPerPartition: 500_000, waitMsMax: 1_000, signal });
    for (const { key } of slices.flatMap((slice) => slice.records)) {
      if (key !== null) onScore(Buffer.from(key).toString());
    }
    positions = slices.map(({ topic, partition, offsetNext }) => ({ topic, partition, offset: offsetNext }));
  }
}

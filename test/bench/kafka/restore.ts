import { rm } from "node:fs/promises";
import type { Benchmark } from "../benchmark.ts";
import type { Outcome } from "../figure.ts";
import { type Beside, type KafkaContext, openBeside, ourInput, scoresTopics } from "./beside.ts";
import { medianOf, runsText } from "./medians.ts";
import { startKafkaJob, startOurs } from "./our-program.ts";
import { freshScores, startPeer } from "./peer-program.ts";
import { peakMbOf } from "./process-stat.ts";
import type { ScoringReady } from "./scoring-job.ts";
import type { KafkaSizes } from "./sizes.ts";

export const restore: Benchmark<KafkaSizes> = {
  name: "restore",
  summary: "1,000,000 customers restored from the changelog, and a restart after kill -9, beside Kafka Streams",
  async run(context): Promise<Outcome> {
    const { profiles, profileEvents, runs } = context.sizes;
    await using beside = await openBeside(context, { events: profileEvents, customers: profiles, cover: true });
    const ours = ourProgram(beside, context);
    const theirs = theirProgram(beside, context);
    const results = new Map<Program, Results>();
    for (const program of theirs === null ? [ours] : [ours, theirs]) {
      context.step(`${program.name}: scoring ${profiles} customers`);
      await program.fill();
      results.set(program, { restores: [], restarts: [] });
    }
    for (let run = 1; run <= runs; run++) {
      for (const [program, { restores, restarts }] of results) {
        context.step(`${program.name}: restoring, ${run} of ${runs}`);
        restores.push(await restored(program));
        context.step(`${program.name}: killing and starting again, ${run} of ${runs}`);
        restarts.push(await restarted(program, beside, run, context));
      }
    }
    const of = (program: Program | null): Results => (program === null ? undefined : results.get(program)) ?? NONE;
    return outcome(of(ours), of(theirs), profiles, beside.peerNote);
  },
};

/** A program that has scored all customers and is stopped. */
interface Program {
  readonly name: string;
  /** Where its stores are. */
  readonly stores: string;
  readonly scores: string;
  /** Works off what there is, and stops. */
  fill(): Promise<void>;
  start(): Running;
}

interface Running {
  readonly pid: number;
  readonly ready: Promise<Restored>;
  stop(): Promise<unknown>;
  kill(): Promise<void>;
}

interface Restored {
  /** From the start of the process to the last state restored. */
  readonly readySeconds: number;
  readonly recordsPerSecond: number;
  readonly records: number;
}

interface Results {
  readonly restores: (Restored & { readonly peakMb: number })[];
  /** From the start of the process to the first new score being readable, s. */
  readonly restarts: number[];
}

const NONE: Results = { restores: [], restarts: [] };

async function restored(program: Program): Promise<Restored & { readonly peakMb: number }> {
  await rm(program.stores, { recursive: true, force: true });
  const running = program.start();
  const ready = await running.ready;
  const peakMb = peakMbOf(running.pid);
  await running.stop();
  return { ...ready, peakMb };
}

/** After a clean start it scores for some seconds, is killed, and is started again while events go on coming in. */
async function restarted(program: Program, beside: Beside, run: number, context: KafkaContext): Promise<number> {
  const broker = beside.broker.bootstrap;
  const feed = (seed: number): { readonly result: Promise<unknown>; stop(): void } => {
    const { profiles: customers } = context.sizes;
    const wanted = { events: FEED_EVENTS_MAX, customers, seed, startAt: AFTER_ALL, spanDays: 1 };
    return startKafkaJob("feed", { broker, inputs: beside.inputs, eventsPerSecond: FEED_RATE, wanted }, context);
  };
  const killed = program.start();
  await killed.ready;
  const before = feed(2 * run);
  await context.wait(FED_MS);
  await killed.kill();
  const first = startKafkaJob<number>("first-score", { broker, scores: program.scores }, context);
  await first.ready;
  const startedAt = Date.now();
  const again = program.start();
  const readAt = await first.result;
  await again.ready;
  before.stop();
  await before.result;
  await again.stop();
  return (readAt - startedAt) / 1_000;
}

/** As many as come in meanwhile, and no more. */
const FEED_EVENTS_MAX = 100_000;
const FEED_RATE = 100;
const FED_MS = 3_000;
/** Later than the two years of the events that are there. */
const AFTER_ALL = Date.UTC(2025, 0, 2);
const RUN = "restore";

function ourProgram(beside: Beside, context: KafkaContext): Program {
  const input = ourInput(beside, RUN);
  return {
    name: "ours",
    stores: input.stores,
    scores: scoresTopics(RUN)[0],
    fill: async () => void (await startOurs({ ...input, until: "caught-up" }, context).result),
    start() {
      const job = startOurs({ ...input, until: "stopped" }, context);
      const ready = job.ready.then((said) => {
        const { seconds, restored: records, restoreSeconds } = said as ScoringReady;
        return { readySeconds: seconds, records, recordsPerSecond: records / restoreSeconds };
      });
      ready.catch(() => undefined);
      return {
        pid: job.pid,
        ready,
        stop() {
          job.stop();
          return job.result;
        },
        async kill() {
          job.kill();
          await job.result.catch(() => undefined);
        },
      };
    },
  };
}

function theirProgram(beside: Beside, context: KafkaContext): Program | null {
  const settings = beside.peer(RUN);
  if (settings === null) return null;
  return {
    name: "Kafka Streams",
    stores: settings.state,
    scores: scoresTopics(RUN)[1],
    async fill() {
      await freshScores(settings, context);
      const peer = startPeer(settings, context, true);
      await peer.idle;
      await peer.stop();
    },
    start() {
      const peer = startPeer(settings, context);
      const ready = peer.ready.then((line) => ({
        readySeconds: line.get("since_jvm_start_s") ?? Number.NaN,
        records: line.get("restored") ?? Number.NaN,
        recordsPerSecond: line.get("restored_per_s") ?? Number.NaN,
      }));
      ready.catch(() => undefined);
      return { pid: peer.pid, ready, stop: () => peer.stop(), kill: () => peer.kill() };
    },
  };
}

function outcome(ours: Results, theirs: Results, profiles: number, peerNote: string): Outcome {
  const restores = ({ restores: all }: Results, what: keyof Results["restores"][number]): number[] =>
    all.map((one) => one[what]);
  const each = (of: (results: Results) => readonly number[]): [number, number] => [
    medianOf(of(ours)),
    medianOf(of(theirs)),
  ];
  const [rate, theirRate] = each((of) => restores(of, "recordsPerSecond"));
  const [ready, theirReady] = each((of) => restores(of, "readySeconds"));
  const [restart, theirRestart] = each((of) => of.restarts);
  const [peak, theirPeak] = each((of) => restores(of, "peakMb"));
  const rows = (of: (results: Results) => readonly number[]): string[] =>
    [ours, theirs].map((results) => runsText(of(results)) || "not measured");
  return {
    figures: [
      { name: "records restored a second, ours", value: rate, unit: "/s" },
      { name: "records restored a second, Kafka Streams", value: theirRate, unit: "/s" },
      { name: `ready with the store deleted, ${profiles} customers, ours`, value: ready, unit: "s" },
      { name: "ready with the store deleted, Kafka Streams", value: theirReady, unit: "s" },
      { name: "first new score after kill -9, ours", value: restart, unit: "s" },
      { name: "first new score after kill -9, Kafka Streams", value: theirRestart, unit: "s" },
      { name: "peak memory of the restore, ours", value: peak, unit: "MB" },
      { name: "peak memory of the restore, Kafka Streams", value: theirPeak, unit: "MB" },
    ],
    tables: [
      {
        title: "Each restore and restart",
        columns: ["What", "Unit", "Ours", "Kafka Streams"],
        rows: [
          ["records in the changelog", "", ...rows((of) => restores(of, "records"))],
          ["ready with the store deleted", "s", ...rows((of) => restores(of, "readySeconds"))],
          ["first new score after kill -9", "s", ...rows((of) => of.restarts)],
          ["peak memory of the restore", "MB", ...rows((of) => restores(of, "peakMb"))],
        ],
        note: `From the start of the process. Each is killed 3 s after a start with its store just restored and cleanly left, with events coming in.${peerNote}`,
      },
    ],
  };
}

import type { Benchmark } from "../benchmark.ts";
import type { Quantiles } from "../quantiles.ts";
import { type Beside, type KafkaContext, openBeside, ourInput, scoresTopics } from "./beside.ts";
import type { LatencyFigures } from "./latency-job.ts";
import { startKafkaJob, startOurs } from "./our-program.ts";
import { freshScores, startPeer } from "./peer-program.ts";
import { cpuSecondsOf, peakMbOf } from "./process-stat.ts";
import type { KafkaSizes } from "./sizes.ts";

export const latency: Benchmark<KafkaSizes> = {
  name: "latency",
  summary: "from the append of an event to its score being readable, at 2,000 events a second, beside Kafka Streams",
  async run(context) {
    const ours = await measure(context, "ours");
    const theirs = await measure(context, "theirs");
    const { eventsPerSecond, warmUpSeconds, latencySeconds } = context.sizes;
    const at = `at ${eventsPerSecond} events/s`;
    const [mine, peers] = [quantiles(ours.measured), quantiles(theirs.measured)];
    return {
      figures: [
        { name: `p50 of ours ${at}`, value: mine.p50, unit: "ms" },
        { name: `p99 of ours ${at}`, value: mine.p99, unit: "ms", target: { atMost: 60 } },
        { name: `slowest of ours, of ${mine.count}`, value: mine.max, unit: "ms" },
        { name: `p50 of Kafka Streams ${at}`, value: peers.p50, unit: "ms" },
        { name: `p99 of Kafka Streams ${at}`, value: peers.p99, unit: "ms" },
        { name: `slowest of Kafka Streams, of ${peers.count}`, value: peers.max, unit: "ms" },
        { name: "p99, ours over Kafka Streams'", value: mine.p99 / peers.p99, unit: "", target: { atMost: 0.5 } },
        { name: "cores that ours is busy with", value: ours.measured?.cores ?? Number.NaN, unit: "" },
        { name: "cores that Kafka Streams is busy with", value: theirs.measured?.cores ?? Number.NaN, unit: "" },
        {
          name: "CPU, ours over Kafka Streams'",
          value: (ours.measured?.cores ?? Number.NaN) / (theirs.measured?.cores ?? Number.NaN),
          unit: "",
          target: { atMost: 1.2 },
        },
        { name: "peak memory of ours", value: ours.measured?.peakMb ?? Number.NaN, unit: "MB" },
        { name: "peak memory of Kafka Streams", value: theirs.measured?.peakMb ?? Number.NaN, unit: "MB" },
      ],
      tables: [
        {
          title: "From the append of an event to its score",
          columns: ["Program", "", "p50, ms", "p99, ms", "slowest, ms", "CPU, cores", "broker's CPU, cores"],
          rows: [
            [
              "ours",
              "",
              mine.p50,
              mine.p99,
              mine.max,
              ours.measured?.cores ?? Number.NaN,
              ours.measured?.brokerCores ?? Number.NaN,
            ],
            [
              "Kafka Streams",
              "",
              peers.p50,
              peers.p99,
              peers.max,
              theirs.measured?.cores ?? Number.NaN,
              theirs.measured?.brokerCores ?? Number.NaN,
            ],
          ],
          note: `Of every event within ${latencySeconds} s, after ${warmUpSeconds} s of warming up. An event has its score when a reader of committed records has one that holds it.${theirs.peerNote}`,
        },
      ],
    };
  },
};

interface Measured {
  readonly appendToScoreMs: Quantiles;
  /** CPU of the program while it was measured, over time. */
  readonly cores: number;
  readonly brokerCores: number;
  readonly peakMb: number;
}

interface Answer {
  /** null: the peer cannot be had. */
  readonly measured: Measured | null;
  readonly peerNote: string;
}

interface Program {
  readonly pid: number;
  readonly scores: string;
  stop(): Promise<unknown>;
}

/** One program on a broker of its own, with a feed and a reader beside it. */
async function measure(context: KafkaContext, which: "ours" | "theirs"): Promise<Answer> {
  const { eventsPerSecond, warmUpSeconds, latencySeconds, customers } = context.sizes;
  await using beside = await openBeside(context, { events: 0 });
  const program = await start(beside, which, context);
  if (program === null) return { measured: null, peerNote: beside.peerNote };
  const broker = beside.broker.bootstrap;
  const { inputs } = beside;
  const input = { broker, inputs, scores: program.scores, warmUpMs: warmUpSeconds * 1_000 };
  const reader = startKafkaJob<LatencyFigures>("latency", input, context);
  await reader.ready;
  context.step(`${which === "ours" ? "ours" : "Kafka Streams"}: ${eventsPerSecond} events a second`);
  const events = eventsPerSecond * (warmUpSeconds + latencySeconds);
  const feed = startKafkaJob("feed", { broker, inputs, eventsPerSecond, wanted: { events, customers } }, context);
  await feed.ready;
  await context.wait(warmUpSeconds * 1_000);
  const cpuBefore = cpuSecondsOf(program.pid);
  const brokerCpuBefore = cpuSecondsOf(beside.broker.pid);
  const measuredFrom = performance.now();
  await feed.result;
  const seconds = (performance.now() - measuredFrom) / 1_000;
  const cores = (cpuSecondsOf(program.pid) - cpuBefore) / seconds;
  const brokerCores = (cpuSecondsOf(beside.broker.pid) - brokerCpuBefore) / seconds;
  reader.stop();
  const { appendToScoreMs, missing } = await reader.result;
  const peakMb = peakMbOf(program.pid);
  await program.stop();
  if (missing > 0) throw new Error(`${missing} events have no score`);
  return { measured: { appendToScoreMs, cores, brokerCores, peakMb }, peerNote: "" };
}

async function start(beside: Beside, which: "ours" | "theirs", context: KafkaContext): Promise<Program | null> {
  const [ourScores, theirScores] = scoresTopics("latency");
  if (which === "ours") {
    const job = startOurs({ ...ourInput(beside, "latency"), until: "stopped" }, context);
    await job.ready;
    const stop = (): Promise<unknown> => {
      job.stop();
      return job.result;
    };
    return { pid: job.pid, scores: ourScores, stop };
  }
  const settings = beside.peer("latency");
  if (settings === null) return null;
  await freshScores(settings, context);
  const peer = startPeer(settings, context);
  await peer.ready;
  return { pid: peer.pid, scores: theirScores, stop: () => peer.stop() };
}

function quantiles(measured: Measured | null): Quantiles {
  return measured?.appendToScoreMs ?? { count: 0, p50: Number.NaN, p99: Number.NaN, max: Number.NaN };
}

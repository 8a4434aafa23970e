import type { Benchmark } from "../benchmark.ts";
import type { Outcome, Table } from "../figure.ts";
import { type Beside, type KafkaContext, openBeside, ourInput, scoresTopics } from "./beside.ts";
import type { ScoresCompared } from "./compare-scores-job.ts";
import { medianOf, runsText } from "./medians.ts";
import { runKafkaJob, startOurs } from "./our-program.ts";
import { freshScores, startPeer } from "./peer-program.ts";
import { cpuSecondsOf } from "./process-stat.ts";
import type { ScoringFigures } from "./scoring-job.ts";
import type { KafkaSizes } from "./sizes.ts";

export const throughput: Benchmark<KafkaSizes> = {
  name: "throughput",
  summary: "CPU and time to work off 1,000,000 events, beside Kafka Streams",
  run: (context) => workOff(context, context.sizes.events, 0.75),
};

export const throughputLong: Benchmark<KafkaSizes> = {
  name: "long",
  summary: "the same with 4,000,000 events",
  run: (context) => workOff(context, context.sizes.eventsLong, 1),
};

/** What is known of a run of either program. */
interface Run {
  readonly cpuSeconds: number;
  /** Since the start of the process. */
  readonly wallSeconds: number;
  /** Since the first events. */
  readonly workSeconds: number;
  readonly peakMb: number;
  /** What the broker spent meanwhile. */
  readonly brokerCpuSeconds: number;
}

async function workOff(context: KafkaContext, events: number, cpuRatioMax: number): Promise<Outcome> {
  const { customers, runs } = context.sizes;
  await using beside = await openBeside(context, { events, customers });
  const ours: Run[] = [];
  const theirs: Run[] = [];
  let compared: ScoresCompared | null = null;
  let last: ScoringFigures | null = null;
  for (let index = 1; index <= runs; index++) {
    const run = `${index}`;
    context.step(`run ${run} of ${runs}: ours`);
    last = await runOurs(beside, run, events, context, ours);
    context.step(`run ${run} of ${runs}: Kafka Streams`);
    if (!(await runTheirs(beside, run, events, context, theirs)) || index < runs) continue;
    const input = { broker: beside.broker.bootstrap, topics: scoresTopics(run) };
    compared = await runKafkaJob<ScoresCompared>("compare-scores", input, context);
  }
  const of = (program: readonly Run[], what: keyof Run): number => medianOf(program.map((run) => run[what]));
  const ratio = of(ours, "cpuSeconds") / of(theirs, "cpuSeconds");
  const each = `${events} events`;
  return {
    figures: [
      { name: `CPU of ours, ${each}`, value: of(ours, "cpuSeconds"), unit: "s" },
      { name: `CPU of Kafka Streams, ${each}`, value: of(theirs, "cpuSeconds"), unit: "s" },
      { name: `CPU, ours over Kafka Streams'`, value: ratio, unit: "", target: { atMost: cpuRatioMax } },
      { name: `events a second of ours, from the first`, value: events / of(ours, "workSeconds"), unit: "/s" },
      { name: `events a second of Kafka Streams`, value: events / of(theirs, "workSeconds"), unit: "/s" },
      { name: "peak memory of ours", value: of(ours, "peakMb"), unit: "MB" },
      { name: "peak memory of Kafka Streams", value: of(theirs, "peakMb"), unit: "MB" },
      {
        name: "customers whose last scores agree",
        value: compared === null ? Number.NaN : (100 * compared.same) / compared.customers,
        unit: "%",
      },
    ],
    tables: [runsTable(ours, theirs, beside.peerNote), ...(last === null ? [] : [stagesTable(last)])],
  };
}

async function runOurs(
  beside: Beside,
  run: string,
  events: number,
  context: KafkaContext,
  into: Run[],
): Promise<ScoringFigures> {
  const brokerBefore = cpuSecondsOf(beside.broker.pid);
  const figures = await startOurs({ ...ourInput(beside, run), until: "caught-up" }, context).result;
  if (figures.events !== events) throw new Error(`ours has applied ${figures.events} of ${events} events`);
  into.push({ ...figures, brokerCpuSeconds: cpuSecondsOf(beside.broker.pid) - brokerBefore });
  return figures;
}

/** @returns whether the peer could be had */
async function runTheirs(
  beside: Beside,
  run: string,
  events: number,
  context: KafkaContext,
  into: Run[],
): Promise<boolean> {
  const settings = beside.peer(run);
  if (settings === null) return false;
  await freshScores(settings, context);
  const brokerBefore = cpuSecondsOf(beside.broker.pid);
  const peer = startPeer(settings, context, true);
  const idle = await peer.idle;
  const brokerCpuSeconds = cpuSecondsOf(beside.broker.pid) - brokerBefore;
  const number = (name: string): number => idle.get(name) ?? Number.NaN;
  await peer.stop();
  if (number("records") !== events) throw new Error(`Kafka Streams has seen ${number("records")} of ${events} events`);
  into.push({
    cpuSeconds: number("cpu_s"),
    wallSeconds: number("wall_s"),
    workSeconds: number("wall_since_first_record_s"),
    peakMb: number("peak_rss_mb"),
    brokerCpuSeconds,
  });
  return true;
}

const ROWS: readonly (readonly [keyof Run, string])[] = [
  ["cpuSeconds", "CPU, s"],
  ["wallSeconds", "from the start of the process, s"],
  ["workSeconds", "from the first events, s"],
  ["peakMb", "peak memory, MB"],
  ["brokerCpuSeconds", "CPU of the broker meanwhile, s"],
];

function runsTable(ours: readonly Run[], theirs: readonly Run[], peerNote: string): Table {
  return {
    title: "Each run, by turns",
    columns: ["What", "Unit", "Ours", "Kafka Streams"],
    rows: ROWS.map(([what, name]) => {
      const [label = "", unit = ""] = name.split(", ");
      return [
        label,
        unit,
        ...[ours, theirs].map((program) => runsText(program.map((run) => run[what])) || "not measured"),
      ];
    }),
    note: [
      "CPU is user and system time of all threads of the program's process from its start to its last commit: starting, loading and compiling",
      "are in it, the broker is not. Kafka Streams waits for 3 s more before it says that it is done; the broker's CPU holds that.",
    ]
      .join(" ")
      .concat(peerNote),
  };
}

/** Of the last run. */
function stagesTable({ events, stages, threads, gcPauseMs, scores }: ScoringFigures): Table {
  const { decodeMs, stateMs, applyMs, scoreMs, encodeMs } = stages;
  const line = (what: string, ms: number): (string | number)[] => [what, "work", ms, (1_000 * ms) / events];
  const worked = decodeMs + stateMs + applyMs + scoreMs + encodeMs;
  return {
    title: `Where the CPU of an event goes in ours, ${events} events, ${scores} scores`,
    columns: ["Stage", "Kind", "ms", "µs an event"],
    rows: [
      line("decode", decodeMs),
      line("state", stateMs),
      line("apply", applyMs),
      line("score", scoreMs),
      line("encode", encodeMs),
      line("rest of the main thread: start, fetching, merging, commits, store", threads.main - worked),
      line("threads of V8", threads.v8),
      line("threads of libuv and Level", threads.level),
      ["garbage collection", "within the above", gcPauseMs, (1_000 * gcPauseMs) / events],
    ],
    note: "Stages go by the clock, looked at for every 16th cohort of customers of a turn. Offsets of the scores' topic are counted as scores: about one a turn is a marker.",
  };
}

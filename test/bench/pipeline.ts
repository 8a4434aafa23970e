import type { StageTimes, TaskLimits } from "@tidemark/streams";
import type { Benchmark, BenchmarkContext } from "./benchmark.ts";
import { runJob } from "./child.ts";
import type { Table } from "./figure.ts";
import type { ProcessFigures } from "./process-job.ts";
import { totalMs } from "./thread-cpu.ts";
import type { Workload } from "./workload.ts";

export const pipeline: Benchmark = {
  name: "pipeline",
  summary: "events a second of events already appended, and where the time of an event goes",
  async run(context) {
    const events = context.sizes.pipelineEvents;
    const customers = context.sizes.pipelineCustomers;
    const run = await processWorkload(context, { events, customers });
    return {
      figures: [
        { name: "events a second", value: events / run.wallSeconds, unit: "/s", target: { atLeast: 70_000 } },
        { name: "CPU an event, all threads", value: (1_000 * totalMs(run.cpuMs)) / events, unit: "µs" },
        { name: "scores written", value: run.scores, unit: "" },
        { name: "anonymous memory at the end", value: run.anonymousMb, unit: "MB" },
      ],
      tables: [stagesTable(run, events)],
    };
  },
};

/**
 * Appends a workload in one process and works it off in another, which is the one that is measured.
 * @param limits where they differ from the product's
 */
export async function processWorkload(
  context: BenchmarkContext,
  workload: Pick<Workload, "events" | "customers">,
  limits: Partial<TaskLimits> = {},
): Promise<ProcessFigures> {
  const directory = await context.directory();
  const { events, customers } = workload;
  context.step(`appending ${events} events of ${customers} customers`);
  await runJob("append", { directory, workload }, context);
  context.step("working them off");
  return runJob("process", { directory, limits }, context);
}

/** Stages that are work of the thread that a partition's task runs in, taken without the pauses in it. */
const WORK: readonly (readonly [keyof StageTimes, string])[] = [
  ["decodeMs", "decode"],
  ["stateMs", "state"],
  ["applyMs", "apply"],
  ["scoreMs", "score"],
  ["encodeMs", "encode"],
];
/** Stages that wait for the log or the store: the sum over partitions that wait beside each other. */
const WAITS: readonly (readonly [keyof StageTimes, string])[] = [
  ["readMs", "read"],
  ["commitMs", "commit"],
  ["storeMs", "store"],
];

/** Where the time of an event goes, stage by stage. */
export function stagesTable(run: ProcessFigures, events: number): Table {
  const { stages, cpuMs: threads } = run;
  const line = (what: string, kind: string, ms: number): (string | number)[] => [what, kind, ms, (1_000 * ms) / events];
  const worked = WORK.reduce((sum, [stage]) => sum + stages[stage], 0);
  return {
    title: "Where the time of an event goes",
    columns: ["Stage", "Kind", "ms", "µs an event"],
    rows: [
      ...WORK.map(([stage, name]) => line(name, "work", stages[stage])),
      // Without threads of their own the tasks run in the main one.
      ...(threads.processor === 0
        ? [line("rest of the main thread", "work", threads.main - worked)]
        : [
            line("rest of the processor's threads", "work", threads.processor - worked),
            line("main thread", "work", threads.main),
          ]),
      line("threads of libuv and Level", "work", threads.level),
      line("threads of V8", "work", threads.v8),
      line("total CPU", "sum", totalMs(run.cpuMs)),
      line("garbage collection", "within the above", run.gcPauseMs),
      ...WAITS.map(([stage, name]) => line(name, "waiting", stages[stage])),
    ],
    note: [
      "Lines of work add up to the total. The stages of read, commit and store are waits of four partitions beside each other, not work;",
      "the work in them is in the main thread (where the log is), in the rest of the thread that the tasks run in (framing batches, event loop)",
      "and in the threads of libuv and Level.",
      "Stages are taken by the clock: where other programs compete for the processor they are too long, and the rest too short.",
      "Garbage collection is the pauses of all threads that run JavaScript, wherever they fell; V8's own threads collect and compile beside them.",
    ].join(" "),
  };
}

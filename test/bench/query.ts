import { appendTo, directoryWithProfiles, withServer } from "./all-in-one.ts";
import type { Benchmark, BenchmarkContext } from "./benchmark.ts";
import { runJob, startJob } from "./child.ts";
import { takenPerSecond } from "./feed.ts";
import type { Figure } from "./figure.ts";
import type { QueryFigures } from "./query-client.ts";
import { cpuMsBetween, threadCpuMs, totalMs } from "./thread-cpu.ts";

export const query: Benchmark = {
  name: "query",
  summary: "latency of GET /v1/customers/{id} while events come in, and under a backlog",
  async run(context) {
    const customers = context.sizes.pipelineCustomers;
    const directory = await directoryWithProfiles(context, customers);
    const steady = await underFeed(directory, context, customers);
    const backlog = await underBacklog(directory, context, customers);
    const rate = `${context.sizes.feedEventsPerSecond} events/s`;
    return {
      figures: [
        ...latencyFigures(`at ${rate}`, steady.query, 5),
        { name: `events taken, of ${rate}`, value: steady.takenPerSecond, unit: "/s" },
        { name: `cores that the server is busy with at ${rate}`, value: steady.busy.all, unit: "" },
        { name: "of which its main thread, which can be busy with one", value: steady.busy.main, unit: "" },
        { name: `events waiting after ${context.sizes.feedSeconds} s at ${rate}`, value: steady.lag, unit: "" },
        ...latencyFigures("under a backlog", backlog.query, 25),
        { name: "events waiting when measuring under a backlog ended", value: backlog.lagAtEnd, unit: "" },
      ],
      tables: [],
    };
  },
};

interface UnderFeed {
  readonly query: QueryFigures;
  /** Events that waited at the end. */
  readonly lag: number;
  readonly takenPerSecond: number;
  /** CPU seconds of the server in a second. */
  readonly busy: { readonly main: number; readonly all: number };
}

async function underFeed(directory: string, context: BenchmarkContext, customers: number): Promise<UnderFeed> {
  const { feedSeconds, feedEventsPerSecond, queriesPerSecond, warmUpSeconds } = context.sizes;
  return withServer(directory, context, async (server) => {
    context.step(`asking while ${feedEventsPerSecond} events a second are posted`);
    const seconds = warmUpSeconds + feedSeconds;
    const of = { url: server.url, customers };
    const feed = startJob("feed", { ...of, eventsPerSecond: feedEventsPerSecond, seconds, seed: 2 }, context);
    const cpuBefore = threadCpuMs(server.pid);
    const startedAt = performance.now();
    const asked = await runJob(
      "query",
      // The feed goes on a little longer than the queries.
      { ...of, ratePerSecond: queriesPerSecond, warmUpSeconds, seconds: feedSeconds - 1 },
      context,
    );
    const cpu = cpuMsBetween(cpuBefore, threadCpuMs(server.pid));
    const wallMs = performance.now() - startedAt;
    const lag = await server.lag();
    const fed = await feed.result;
    return {
      query: answered(asked),
      lag,
      takenPerSecond: takenPerSecond(fed),
      busy: { main: cpu.main / wallMs, all: totalMs(cpu) / wallMs },
    };
  });
}

async function underBacklog(
  directory: string,
  context: BenchmarkContext,
  customers: number,
): Promise<{ readonly query: QueryFigures; readonly lagAtEnd: number }> {
  const { backlogEvents, backlogExtraEvents, queriesPerSecond, warmUpSeconds } = context.sizes;
  await appendTo(directory, context, { events: backlogEvents + backlogExtraEvents, customers, seed: 3 });
  return withServer(directory, context, async (server) => {
    context.step("asking while they are worked off");
    const asking = startJob(
      "query",
      { url: server.url, customers, ratePerSecond: queriesPerSecond, warmUpSeconds, seconds: null },
      context,
    );
    let lagAtEnd = await server.lag();
    while (lagAtEnd > backlogEvents) {
      await context.wait(100);
      lagAtEnd = await server.lag();
    }
    asking.stop();
    return { query: answered(await asking.result), lagAtEnd };
  });
}

function answered(figures: QueryFigures): QueryFigures {
  if (figures.failed > 0) throw new Error(`${figures.failed} queries were not answered with 200`);
  if (figures.latencyMs.count === 0) throw new Error("it was over before the first query was measured");
  return figures;
}

function latencyFigures(when: string, { latencyMs, sentLateMs }: QueryFigures, p99MsMax: number): Figure[] {
  return [
    { name: `p50 ${when}`, value: latencyMs.p50, unit: "ms" },
    { name: `p99 ${when}`, value: latencyMs.p99, unit: "ms", target: { atMost: p99MsMax } },
    { name: `slowest of ${latencyMs.count} ${when}`, value: latencyMs.max, unit: "ms" },
    { name: `p99 of the client's own lateness, ${when}`, value: sentLateMs.p99, unit: "ms" },
  ];
}

import { appendTo, directoryWithProfiles, withServer } from "./all-in-one.ts";
import type { Benchmark, BenchmarkContext } from "./benchmark.ts";
import { startJob } from "./child.ts";
import type { Figure, Table } from "./figure.ts";
import { answered, type QueryFigures } from "./query-client.ts";
import { queryUnderFeed, type UnderFeedThrice } from "./under-feed.ts";

export const query: Benchmark = {
  name: "query",
  summary: "latency of GET /v1/customers/{id} while events come in, and under a backlog",
  async run(context) {
    const customers = context.sizes.pipelineCustomers;
    const directory = await directoryWithProfiles(context, customers);
    const fed = await queryUnderFeed(directory, context, customers);
    const backlog = await underBacklog(directory, context, customers);
    const rate = `${context.sizes.feedEventsPerSecond} events/s`;
    const { urgent, ordinary, constant } = fed;
    return {
      figures: [
        ...latencyFigures(`at ${rate}`, urgent.query, 5),
        { name: `p99 at ${rate}, of a client like any other process`, value: ordinary.query.latencyMs.p99, unit: "ms" },
        {
          name: `p99 at ${rate}, of a server that answers a constant`,
          value: constant.query.latencyMs.p99,
          unit: "ms",
        },
        { name: `events taken, of ${rate}`, value: urgent.takenPerSecond, unit: "/s" },
        { name: `cores that the server is busy with at ${rate}`, value: urgent.busy.all, unit: "" },
        { name: "of which its main thread, which can be busy with one", value: urgent.busy.main, unit: "" },
        { name: `events waiting after ${context.sizes.feedSeconds} s at ${rate}`, value: urgent.lag, unit: "" },
        ...latencyFigures("under a backlog", backlog.query, 25),
        { name: "events waiting when measuring under a backlog ended", value: backlog.lagAtEnd, unit: "" },
      ],
      tables: [clientsTable(fed, `at ${rate}`)],
    };
  },
};

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
      { url: server.url, customers, ratePerSecond: queriesPerSecond, warmUpSeconds, seconds: null, urgent: true },
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

function latencyFigures(when: string, { latencyMs, sentLateMs }: QueryFigures, p99MsMax: number): Figure[] {
  return [
    { name: `p50 ${when}`, value: latencyMs.p50, unit: "ms" },
    { name: `p99 ${when}`, value: latencyMs.p99, unit: "ms", target: { atMost: p99MsMax } },
    { name: `slowest of ${latencyMs.count} ${when}`, value: latencyMs.max, unit: "ms" },
    { name: `p99 of the client's own lateness, ${when}`, value: sentLateMs.p99, unit: "ms" },
  ];
}

function clientsTable({ urgent, ordinary, constant }: UnderFeedThrice, when: string): Table {
  const row = (asked: string, { isUrgent, latencyMs, sentLateMs }: QueryFigures): (string | number)[] => [
    asked,
    isUrgent ? "waits for no core" : "like any other process",
    latencyMs.p50,
    latencyMs.p99,
    latencyMs.max,
    sentLateMs.p99,
  ];
  return {
    title: `GET /v1/customers/{id} ${when}, by who asks whom`,
    columns: ["Asked", "The client", "p50, ms", "p99, ms", "slowest, ms", "p99 of the client's lateness, ms"],
    rows: [
      row("the server", urgent.query),
      row("the server", ordinary.query),
      row("one that answers a constant, beside it", constant.query),
    ],
    note: [
      "One after the other, of one server that takes the same events meanwhile. A client that waits for no core has real-time priority, as if it had a machine of its own;",
      "where that may not be given, all clients are like any other process, and what they wait for is in the figures.",
    ].join(" "),
  };
}

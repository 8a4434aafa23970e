import { directoryWithProfiles } from "./all-in-one.ts";
import type { Benchmark, BenchmarkContext } from "./benchmark.ts";
import { startJob } from "./child.ts";
import type { Table } from "./figure.ts";
import { type Server, startServer } from "./server.ts";

export const start: Benchmark = {
  name: "start",
  summary: "from the start of the process to ready, and to all applied, after a clean stop and after kill -9",
  async run(context) {
    const { profiles, starts } = context.sizes;
    const directory = await directoryWithProfiles(context, profiles);
    const clean: Start[] = [];
    const killed: Start[] = [];
    for (let round = 1; round <= starts; round++) {
      context.step(`start after a clean stop, ${round} of ${starts}`);
      let server = await timedStart(directory, context, clean);
      context.step(`kill -9 under load and start, ${round} of ${starts}`);
      await killUnderLoad(server, context, round);
      server = await timedStart(directory, context, killed);
      await server.stop();
    }
    const slowest = (measured: readonly Start[], end: "ready" | "applied"): number =>
      Math.max(...measured.map((one) => one[end]));
    return {
      figures: [
        {
          name: `ready after a clean stop, ${profiles} profiles`,
          value: slowest(clean, "ready"),
          unit: "s",
          target: { atMost: 2 },
        },
        {
          name: `ready after kill -9, ${profiles} profiles`,
          value: slowest(killed, "ready"),
          unit: "s",
          target: { atMost: 5 },
        },
        { name: "all applied after a clean stop", value: slowest(clean, "applied"), unit: "s" },
        { name: "all applied after kill -9", value: slowest(killed, "applied"), unit: "s" },
      ],
      tables: [startsTable(clean, killed)],
    };
  },
};

/** One start, s from the creation of the process. */
interface Start {
  /** `/readyz` says 200: every partition is owned and its inputs looked at, every view has passed the end that its changelog had. */
  readonly ready: number;
  /** Events of the log that were not applied yet when it was ready. */
  readonly left: number;
  /** Until everything in the log was applied. */
  readonly applied: number;
}

async function timedStart(directory: string, context: BenchmarkContext, starts: Start[]): Promise<Server> {
  const startedAt = performance.now();
  const server = await startServer(directory, context);
  const left = await server.lag();
  await server.caughtUp();
  starts.push({ ready: server.readyMs / 1_000, left, applied: (performance.now() - startedAt) / 1_000 });
  return server;
}

function startsTable(clean: readonly Start[], killed: readonly Start[]): Table {
  const rowsOf = (after: string, starts: readonly Start[]) =>
    starts.map(({ ready, left, applied }) => [after, ready.toFixed(2), left, applied.toFixed(2)]);
  return {
    title: "each start",
    columns: ["after", "ready, s", "events left then", "all applied, s"],
    rows: [...rowsOf("a clean stop", clean), ...rowsOf("kill -9", killed)],
    note: "What the server that was killed had accepted and not yet scored is scored after the start.",
  };
}

/** Long enough for the stores to have been written, and to lag again. */
const LOADED_MS = 5_000;

async function killUnderLoad(server: Server, context: BenchmarkContext, round: number): Promise<void> {
  const { feedEventsPerSecond: eventsPerSecond, profiles: customers } = context.sizes;
  const endless = { seconds: 3_600, eventsPerSecond, customers, seed: 10 + round, ahead: false };
  const feed = startJob("feed", { url: server.url, ...endless }, context);
  await context.wait(LOADED_MS);
  await server.kill();
  feed.stop();
  const { accepted } = await feed.result;
  if (accepted === 0) throw new Error("the server was to be killed under load, but took no event");
}

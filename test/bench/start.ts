import { directoryWithProfiles } from "./all-in-one.ts";
import type { Benchmark, BenchmarkContext } from "./benchmark.ts";
import { startJob } from "./child.ts";
import { type Server, startServer } from "./server.ts";

export const start: Benchmark = {
  name: "start",
  summary: "from the start of the process to ready, after a clean stop and after kill -9",
  async run(context) {
    const { profiles, starts } = context.sizes;
    const directory = await directoryWithProfiles(context, profiles);
    const clean: number[] = [];
    const killed: number[] = [];
    for (let round = 1; round <= starts; round++) {
      context.step(`start after a clean stop, ${round} of ${starts}`);
      let server = await timedStart(directory, context, clean);
      context.step(`kill -9 under load and start, ${round} of ${starts}`);
      await killUnderLoad(server, context, round);
      server = await timedStart(directory, context, killed);
      await server.stop();
    }
    const slowest = (seconds: readonly number[]): number => Math.max(...seconds);
    return {
      figures: [
        {
          name: `ready after a clean stop, ${profiles} profiles`,
          value: slowest(clean),
          unit: "s",
          target: { atMost: 2 },
        },
        { name: `ready after kill -9, ${profiles} profiles`, value: slowest(killed), unit: "s", target: { atMost: 5 } },
      ],
      tables: [],
    };
  },
};

/** Notes the time from the creation of the process to everything in the log being applied and to be asked for. */
async function timedStart(directory: string, context: BenchmarkContext, seconds: number[]): Promise<Server> {
  const startedAt = performance.now();
  const server = await startServer(directory, context);
  await server.caughtUp();
  seconds.push((performance.now() - startedAt) / 1_000);
  return server;
}

/** Long enough for the stores to have been written, and to lag again. */
const LOADED_MS = 5_000;

async function killUnderLoad(server: Server, context: BenchmarkContext, round: number): Promise<void> {
  const { feedEventsPerSecond: eventsPerSecond, profiles: customers } = context.sizes;
  const endless = { seconds: 3_600, eventsPerSecond, customers, seed: 10 + round };
  const feed = startJob("feed", { url: server.url, ...endless }, context);
  await context.wait(LOADED_MS);
  await server.kill();
  feed.stop();
  const { accepted } = await feed.result;
  if (accepted === 0) throw new Error("the server was to be killed under load, but took no event");
}

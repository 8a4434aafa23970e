import { withServer } from "./all-in-one.ts";
import type { BenchmarkContext } from "./benchmark.ts";
import { runJob, startJob } from "./child.ts";
import { takenPerSecond } from "./feed.ts";
import { callHttp } from "./http-call.ts";
import { answered, type QueryFigures } from "./query-client.ts";
import type { Server } from "./server.ts";
import { cpuMsBetween, threadCpuMs, totalMs } from "./thread-cpu.ts";
import { customerId } from "./workload.ts";

/** What queries took while events came in. */
export interface UnderFeed {
  readonly query: QueryFigures;
  /** Events that waited at the end. */
  readonly lag: number;
  readonly takenPerSecond: number;
  /** CPU seconds of the server in a second. */
  readonly busy: { readonly main: number; readonly all: number };
}

export interface UnderFeedThrice {
  /** By a client that waits for no core. */
  readonly urgent: UnderFeed;
  /** By one like any other process. */
  readonly ordinary: UnderFeed;
  /** By the first, of a server that answers a constant, while the product's has the events to take and to score. */
  readonly constant: UnderFeed;
}

/** One after the other, of one server. */
export function queryUnderFeed(
  directory: string,
  context: BenchmarkContext,
  customers: number,
): Promise<UnderFeedThrice> {
  return withServer(directory, context, async (server) => {
    const of = { server, customers, url: server.url };
    const urgent = await askWhileFed(context, { ...of, urgent: true, seed: 2 });
    const ordinary = await askWhileFed(context, { ...of, urgent: false, seed: 5 });
    const answer = await callHttp(`${server.url}/v1/customers/${customerId(0)}`);
    if (answer.status !== 200) {
      throw new Error(`the server does not answer for a customer: ${answer.status} ${answer.body}`);
    }
    const constantServer = startJob("constant-server", { body: answer.body }, context);
    const url = String(await constantServer.ready);
    const constant = await askWhileFed(context, { ...of, url, urgent: true, seed: 6 });
    constantServer.stop();
    await constantServer.result;
    return { urgent, ordinary, constant };
  });
}

interface Asking {
  /** Takes the events. */
  readonly server: Server;
  /** Of the server that is asked. */
  readonly url: string;
  readonly customers: number;
  readonly urgent: boolean;
  readonly seed: number;
}

/** Begins and ends with nothing left to apply. */
async function askWhileFed(
  context: BenchmarkContext,
  { server, url, customers, urgent, seed }: Asking,
): Promise<UnderFeed> {
  const { feedSeconds, feedEventsPerSecond, queriesPerSecond, warmUpSeconds } = context.sizes;
  const whom = url === server.url ? "" : " a server that answers a constant,";
  context.step(`asking${whom} while ${feedEventsPerSecond} events a second are posted`);
  const feed = startJob(
    "feed",
    {
      url: server.url,
      customers,
      eventsPerSecond: feedEventsPerSecond,
      seconds: warmUpSeconds + feedSeconds,
      seed,
      ahead: true,
    },
    context,
  );
  await feed.ready;
  const cpuBefore = threadCpuMs(server.pid);
  const startedAt = performance.now();
  const asked = await runJob(
    "query",
    // The feed goes on a little longer than the queries.
    { url, customers, ratePerSecond: queriesPerSecond, warmUpSeconds, seconds: feedSeconds - 1, urgent },
    context,
  );
  const cpu = cpuMsBetween(cpuBefore, threadCpuMs(server.pid));
  const wallMs = performance.now() - startedAt;
  const lag = await server.lag();
  const fed = await feed.result;
  context.step("waiting until all is applied");
  await server.caughtUp();
  return {
    query: answered(asked),
    lag,
    takenPerSecond: takenPerSecond(fed),
    busy: { main: cpu.main / wallMs, all: totalMs(cpu) / wallMs },
  };
}

import type { BenchmarkContext } from "./benchmark.ts";
import { runJob } from "./child.ts";
import { type Server, startServer } from "./server.ts";
import type { Workload } from "./workload.ts";

/** A data directory of `tidemark start` in which each of so many customers has a profile; the server is stopped cleanly. */
export async function directoryWithProfiles(context: BenchmarkContext, customers: number): Promise<string> {
  const directory = await context.directory();
  await withServer(directory, context, () => Promise.resolve());
  await appendTo(directory, context, { events: customers, customers, cover: true });
  context.step("scoring them");
  await withServer(directory, context, (server) => server.caughtUp());
  return directory;
}

/** Appends to the log of a directory whose server is stopped. */
export async function appendTo(
  directory: string,
  context: BenchmarkContext,
  workload: Partial<Workload> & Pick<Workload, "events" | "customers">,
): Promise<void> {
  context.step(`appending ${workload.events} events of ${workload.customers} customers`);
  await runJob("append", { directory, workload }, context);
}

/** A server for as long as it is used; it is stopped cleanly, or killed if the use failed. */
export async function withServer<Result>(
  directory: string,
  context: BenchmarkContext,
  use: (server: Server) => Promise<Result>,
): Promise<Result> {
  const server = await startServer(directory, context);
  try {
    const result = await use(server);
    await server.stop();
    return result;
  } catch (error) {
    await server.kill();
    throw error;
  }
}

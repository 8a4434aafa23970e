import type { JobContext } from "./job-context.ts";
import type { JobMessage } from "./jobs.ts";

/** A child process: runs the one job that it was started for, sends its result to its parent and ends. */
export async function runChildJob(jobs: Readonly<Record<string, Job>>): Promise<never> {
  const send = (message: JobMessage): void => void process.send?.(message);
  const stop = new AbortController();
  process.on("message", () => stop.abort());
  // Whoever has no parent any more has nobody to work for.
  process.once("disconnect", () => process.exit(1));

  const [name = "", input = "null"] = process.argv.slice(2);
  const job = jobs[name];
  if (job === undefined) throw new Error(`there is no job ${name}`);
  const value = await job(JSON.parse(input) as never, {
    signal: stop.signal,
    ready: (said: unknown) => send({ kind: "ready", value: said }),
    step: (text: string) => send({ kind: "step", text }),
  });
  await new Promise((resolve) => {
    process.send?.({ kind: "result", value } satisfies JobMessage, resolve);
  });
  process.exit(0);
}

type Job = (input: never, context: JobContext) => Promise<unknown>;

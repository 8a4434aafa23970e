import { jobs, type JobMessage } from "./jobs.ts";

/** A child process: runs the one job it was started for and sends its result to its parent. */
const send = (message: JobMessage): void => void process.send?.(message);

const stop = new AbortController();
process.on("message", () => stop.abort());
// Whoever has no parent any more has nobody to work for.
process.once("disconnect", () => process.exit(1));

const [name = "", input = "null"] = process.argv.slice(2);
const job = (jobs as Readonly<Record<string, (input: unknown, context: unknown) => Promise<unknown>>>)[name];
if (job === undefined) throw new Error(`there is no job ${name}`);
const value = await job(JSON.parse(input), {
  signal: stop.signal,
  step: (text: string) => send({ kind: "step", text }),
});
await new Promise((resolve) => {
  process.send?.({ kind: "result", value } satisfies JobMessage, resolve);
});
process.exit(0);

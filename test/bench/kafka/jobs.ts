import { runChildJob } from "../run-child-job.ts";
import type { JobContext } from "../job-context.ts";

/** What runs in a process of its own. Each loads what it needs and no more: its start is part of its CPU time. */
const jobs = {
  append: async (input: never, _: JobContext) => (await import("./append-job.ts")).appendJob(input),
  "work-off": async (input: never, _: JobContext) => (await import("./work-off-job.ts")).workOffJob(input),
};

await runChildJob(jobs);

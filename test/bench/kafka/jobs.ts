import { runChildJob } from "../run-child-job.ts";
import type { JobContext } from "../job-context.ts";

/** What runs in a process of its own. Each loads what it needs and no more: its start is part of its CPU time. */
const jobs = {
  append: async (input: never) => (await import("./append-job.ts")).appendJob(input),
  "compare-scores": async (input: never) => (await import("./compare-scores-job.ts")).compareScoresJob(input),
  feed: async (input: never, context: JobContext) => (await import("./feed-job.ts")).feedJob(input, context),
  "first-score": async (input: never, context: JobContext) =>
    (await import("./first-score-job.ts")).firstScoreJob(input, context),
  latency: async (input: never, context: JobContext) => (await import("./latency-job.ts")).latencyJob(input, context),
  processor: async (input: never) => (await import("./processor-jobs.ts")).processorJob(input),
  "processor-append": async (input: never) => (await import("./processor-jobs.ts")).processorAppendJob(input),
  scoring: async (input: never, context: JobContext) => (await import("./scoring-job.ts")).scoringJob(input, context),
};

await runChildJob(jobs);

import { appendJob } from "./append.ts";
import { feedJob } from "./feed.ts";
import { latencyJob } from "./latency-job.ts";
import { processJob } from "./process-job.ts";
import { purchasesFileJob } from "./purchases-file.ts";
import { queryJob } from "./query-client.ts";

/** What runs in a process of its own. Inputs and results are JSON. */
export const jobs = {
  append: appendJob,
  feed: feedJob,
  latency: latencyJob,
  process: processJob,
  "purchases-file": purchasesFileJob,
  query: queryJob,
};

export type JobName = keyof typeof jobs;
export type JobInput<Name extends JobName> = Parameters<(typeof jobs)[Name]>[0];
export type JobResult<Name extends JobName> = Awaited<ReturnType<(typeof jobs)[Name]>>;

export type JobMessage =
  | { readonly kind: "step"; readonly text: string }
  | { readonly kind: "result"; readonly value: unknown };

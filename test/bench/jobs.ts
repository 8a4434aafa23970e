import { appendJob } from "./append.ts";
import { constantServerJob } from "./constant-server.ts";
import { distinctJob } from "./distinct-job.ts";
import { feedJob } from "./feed.ts";
import { fitJob } from "./fit-job.ts";
import { forecastJob } from "./forecast-job.ts";
import { latencyJob } from "./latency-job.ts";
import { processJob } from "./process-job.ts";
import { purchasesFileJob } from "./purchases-file.ts";
import { queryJob } from "./query-client.ts";
import { scoringJob } from "./scoring-job.ts";
import { simulatedFileJob } from "./simulated-file.ts";

/** What runs in a process of its own. Inputs and results are JSON. */
export const jobs = {
  append: appendJob,
  "constant-server": constantServerJob,
  distinct: distinctJob,
  feed: feedJob,
  fit: fitJob,
  forecast: forecastJob,
  latency: latencyJob,
  process: processJob,
  "purchases-file": purchasesFileJob,
  query: queryJob,
  scoring: scoringJob,
  "simulated-file": simulatedFileJob,
};

export type JobName = keyof typeof jobs;
export type JobInput<Name extends JobName> = Parameters<(typeof jobs)[Name]>[0];
export type JobResult<Name extends JobName> = Awaited<ReturnType<(typeof jobs)[Name]>>;

export type JobMessage =
  | { readonly kind: "step"; readonly text: string }
  | { readonly kind: "ready"; readonly value: unknown }
  | { readonly kind: "result"; readonly value: unknown };

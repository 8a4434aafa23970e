import { jobs } from "./jobs.ts";
import { runChildJob } from "./run-child-job.ts";

await runChildJob(jobs);

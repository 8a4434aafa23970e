import { type ChildContext, forkJob, type RunningJob } from "../child.ts";
import type { ScoringFigures, ScoringInput } from "./scoring-job.ts";

/** Starts a job of this benchmark in a process of its own. */
export function startKafkaJob<Result>(name: string, input: unknown, context: ChildContext): RunningJob<Result> {
  return forkJob<Result>(JOBS, { name, input, nodeArguments: [] }, context);
}

export async function runKafkaJob<Result>(name: string, input: unknown, context: ChildContext): Promise<Result> {
  return startKafkaJob<Result>(name, input, context).result;
}

/** Starts the program that is measured. */
export function startOurs(input: Omit<ScoringInput, "limits">, context: ChildContext): RunningJob<ScoringFigures> {
  const job = { name: "scoring", input: { ...input, limits: LIMITS }, nodeArguments: VM };
  return forkJob<ScoringFigures>(JOBS, job, context);
}

const JOBS = new URL("jobs.ts", import.meta.url);

/**
 * Memory is given as the peer's is: it has 512 MB of heap with 64 MB of record cache, and RocksDB's 128 MB beside it. So more states
 * stay in memory than by default, the store is written every five seconds and not before, and the young heap is larger.
 */
const LIMITS: ScoringInput["limits"] = {
  cachedEntriesMin: 50_000,
  cachedEntriesMax: 50_000,
  flushEntries: 50_000,
  dirtyEntriesMax: 100_000,
};
/** The collector's helpers cost more than they save where one thread does the work. */
const VM: readonly string[] = ["--max-semi-space-size=32", "--single-threaded-gc"];

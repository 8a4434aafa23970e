import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { JobInput, JobMessage, JobName, JobResult } from "./jobs.ts";

export interface RunningJob<Result> {
  readonly pid: number;
  /** What the job says when it has got so far that others may begin; rejects if it ends before. */
  readonly ready: Promise<unknown>;
  readonly result: Promise<Result>;
  /** Asks the job to come to its end. */
  stop(): void;
  /** Ends its process with SIGKILL; the result rejects. */
  kill(): void;
}

export interface ChildContext {
  /** Kills the child. */
  readonly signal: AbortSignal;
  step(text: string): void;
}

/** Starts a job in a fresh process, so that compiled code, heap and CPU time of one do not touch another's. */
export function startJob<Name extends JobName>(
  name: Name,
  input: JobInput<Name>,
  context: ChildContext,
): RunningJob<JobResult<Name>> {
  return forkJob(new URL("job-process.ts", import.meta.url), { name, input, nodeArguments: NODE_ARGUMENTS }, context);
}

export interface JobToFork {
  readonly name: string;
  readonly input: unknown;
  readonly nodeArguments: readonly string[];
}

/** @param program the first file of the process; it runs the one job that it is told */
export function forkJob<Result>(
  program: URL,
  { name, input, nodeArguments }: JobToFork,
  { signal, step }: ChildContext,
): RunningJob<Result> {
  const child = fork(fileURLToPath(program), [name, JSON.stringify(input)], {
    execArgv: [...nodeArguments, "--expose-gc", "--import", GC_PAUSES],
    stdio: ["ignore", 2, 2, "ipc"],
    // JSON has no NaN, and null would pass for a small number.
    serialization: "advanced",
    env: childEnvironment(),
    signal,
    killSignal: "SIGKILL",
  });
  const ready = Promise.withResolvers<unknown>();
  const result = new Promise<Result>((resolve, reject) => {
    let received: { readonly value: unknown } | null = null;
    child.on("message", (message: JobMessage) => {
      if (message.kind === "step") step(message.text);
      else if (message.kind === "ready") ready.resolve(message.value);
      else received = message;
    });
    child.once("error", reject);
    child.once("exit", (code, killedBy) => {
      if (received !== null) resolve(received.value as Result);
      else reject(new Error(`the job ${name} ended without a result (${killedBy ?? `exit code ${code}`})`));
    });
  });
  // Whoever waits for them hears it.
  result.catch(ready.reject);
  ready.promise.catch(() => undefined);
  return {
    pid: child.pid ?? 0,
    ready: ready.promise,
    result,
    stop: () => {
      if (child.connected) child.send("stop");
    },
    kill: () => void child.kill("SIGKILL"),
  };
}

export function runJob<Name extends JobName>(
  name: Name,
  input: JobInput<Name>,
  context: ChildContext,
): Promise<JobResult<Name>> {
  return startJob(name, input, context).result;
}

const GC_PAUSES = fileURLToPath(new URL("gc-pauses.ts", import.meta.url));

/** Node's arguments as the npm scripts give them to the product. */
export const NODE_ARGUMENTS: readonly string[] = ["--max-semi-space-size=8", "--no-parallel-scavenge"];

/** Node's own settings as the npm scripts give them to the product, also where the benchmark was started by hand. */
export function childEnvironment(): NodeJS.ProcessEnv {
  return {
    MALLOC_ARENA_MAX: "2",
    MALLOC_MMAP_THRESHOLD_: "65536",
    UV_THREADPOOL_SIZE: "16",
    NODE_COMPILE_CACHE: "node_modules/.cache/compile",
    ...process.env,
  };
}

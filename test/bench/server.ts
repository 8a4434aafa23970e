import { spawn } from "node:child_process";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as after } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { childEnvironment, type ChildContext, NODE_ARGUMENTS } from "./child.ts";
import { callHttp } from "./http-call.ts";

/** The all-in-one process as people start it, `tidemark start`, on a port of its own. */
export interface Server {
  readonly pid: number;
  /** `http://host:port`. */
  readonly url: string;
  /** From its creation to its `/readyz` saying 200: processor and views have what was in the changelog. */
  readonly readyMs: number;
  /** Records of the log that are not applied yet. */
  lag(): Promise<number>;
  /** Resolves when all that is in the log now has been applied. */
  caughtUp(): Promise<void>;
  /** SIGTERM; rejects if it does not end well, or not every event became part of a profile. */
  stop(): Promise<void>;
  /** kill -9. */
  kill(): Promise<void>;
}

const COMMAND = fileURLToPath(new URL("../../services/cli/src/main.ts", import.meta.url));
/** As `npm start` has it. */
const HEAP = "--max-old-space-size=1024";
const READY_MS_MAX = 300_000;
const POLL_MS = 5;

/** Starts it and waits until it is ready. */
export async function startServer(directory: string, { signal }: Pick<ChildContext, "signal">): Promise<Server> {
  // What a server that was killed has left would be taken for the new one's.
  await rm(join(directory, "server.json"), { force: true });
  const startedAt = performance.now();
  const child = spawn(
    process.execPath,
    [...NODE_ARGUMENTS, HEAP, COMMAND, "start", "--port", "0", "--data-dir", directory],
    {
      stdio: ["ignore", "ignore", "inherit"],
      env: childEnvironment(),
      signal,
      killSignal: "SIGKILL",
    },
  );
  let endedWith: string | null = null;
  const ended = new Promise<string>((resolve) => {
    const end = (how: string): void => {
      endedWith ??= how;
      resolve(how);
    };
    child.once("error", (error) => end(error.message));
    child.once("exit", (code, killedBy) => end(killedBy ?? `exit code ${code}`));
  });
  const address = await until(async () => {
    if (endedWith !== null) throw new Error(`the server ended before it was ready: ${endedWith}`);
    const found = await readAddress(directory);
    if (found === null) return null;
    return (await callHttp(`${found.url}/readyz`)).status === 200 ? found : null;
  });
  const readyMs = performance.now() - startedAt;
  const { url, control } = address;

  const ask = async (path: string): Promise<Readonly<Record<string, number>>> => {
    const answer = await callHttp(`${control.url}${path}`, { token: control.token });
    if (answer.status !== 200) {
      throw new Error(`the server does not answer ${path}: ${answer.status} ${endedWith ?? answer.body}`);
    }
    return JSON.parse(answer.body) as Record<string, number>;
  };
  const goal = async (): Promise<number> => (await ask("/goal"))["goal"] ?? Number.NaN;
  const left = async (of: number): Promise<number> => (await ask(`/left?goal=${of}`))["left"] ?? Number.NaN;
  const end = async (how: NodeJS.Signals): Promise<string> => {
    child.kill(how);
    return ended;
  };
  return {
    pid: child.pid ?? Number.NaN,
    url,
    readyMs,
    lag: async () => left(await goal()),
    async caughtUp() {
      const wanted = await goal();
      await until(async () => ((await left(wanted)) <= 0 ? true : null));
    },
    async stop() {
      const metrics = await callHttp(`${url}/metrics`);
      if (metrics.status !== 200) throw new Error(`the server does not say its metrics: ${metrics.body}`);
      checkAllApplied(metrics.body);
      const how = await end("SIGTERM");
      if (how !== "exit code 0") throw new Error(`the server was stopped and ended with ${how}`);
    },
    async kill() {
      await end("SIGKILL");
    },
  };
}

/** Events that are refused or counted as repeated are cheap, and would make every figure look better than it is. */
function checkAllApplied(metrics: string): void {
  for (const [line, outcome, count] of metrics.matchAll(/^tidemark_events_total\{.*outcome="(\w+)".*\} (\d+)$/gm)) {
    if (outcome !== "applied" && Number(count) > 0) throw new Error(`of the workload: ${line}`);
  }
}

async function until<Value>(look: () => Promise<Value | null>): Promise<Value> {
  const deadline = performance.now() + READY_MS_MAX;
  for (;;) {
    const value = await look();
    if (value !== null) return value;
    if (performance.now() > deadline) throw new Error(`the server did not get there in ${READY_MS_MAX / 1_000} s`);
    await after(POLL_MS);
  }
}

interface Address {
  readonly url: string;
  readonly control: { readonly url: string; readonly token: string };
}

/** The file that the server tells the other commands of the machine by where it is. */
async function readAddress(directory: string): Promise<Address | null> {
  try {
    return JSON.parse(await readFile(join(directory, "server.json"), "utf8")) as Address;
  } catch {
    return null;
  }
}

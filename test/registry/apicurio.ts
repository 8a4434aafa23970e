import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { until } from "../integration/until.ts";
import { openGuard } from "../kafka/broker-process.ts";
import { freePorts } from "../kafka/free-ports.ts";
import { apicurioDistribution, type ApicurioDistribution } from "./apicurio-distribution.ts";

/**
 * A real schema registry in a folder and on a port of its own. It ends and its folder goes when this process ends,
 * also by kill -9.
 */
export interface Apicurio extends AsyncDisposable {
  /** The root of its Confluent API. */
  readonly url: string;
  /** kill -9, and its end; what was registered stays. */
  stop(): Promise<void>;
  /** Starts it again on the same port and data after {@link stop}; resolves when it answers. */
  restart(): Promise<void>;
}

/**
 * Starts a registry and resolves when it answers.
 * @throws ProgramMissing without Java or Maven; Error with the end of its log where it does not start
 */
export async function startApicurio(): Promise<Apicurio> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await startOnce();
    } catch (error) {
      // Another process took the port between finding and binding it.
      if (attempt === PORT_ATTEMPTS_MAX || !String(error).includes(PORT_TAKEN)) throw error;
    }
  }
}

const PORT_ATTEMPTS_MAX = 5;
/** As Quarkus says it. */
const PORT_TAKEN = "already in use";
const READY_MS_MAX = 120_000;
const LOG_LINES_SHOWN = 40;

async function startOnce(): Promise<Apicurio> {
  const distribution = await apicurioDistribution();
  const folder = await mkdtemp(join(tmpdir(), "tidemark-apicurio-"));
  const guard = openGuard(folder);
  const [port = 0] = await freePorts(1);
  const start = async (): Promise<Running> => {
    const running = spawnApicurio(distribution, folder, port);
    guard.watch(running.pid);
    await answering(running, folder, port);
    return running;
  };
  let running: Running;
  try {
    running = await start();
  } catch (error) {
    await guard.close();
    throw error;
  }
  return {
    url: `http://127.0.0.1:${port}/apis/ccompat/v7`,
    async stop() {
      running.kill();
      await running.ended;
      guard.watch(null);
    },
    async restart() {
      running = await start();
    },
    [Symbol.asyncDispose]: () => guard.close(),
  };
}

interface Running {
  readonly pid: number;
  readonly ended: Promise<unknown>;
  hasEnded(): boolean;
  kill(): void;
}

function spawnApicurio({ java, jar }: ApicurioDistribution, folder: string, port: number): Running {
  const output = openSync(logOf(folder), "a");
  const child = spawn(
    java,
    [
      "-Xmx512m",
      "-XX:+UseSerialGC",
      "-XX:TieredStopAtLevel=1",
      "-XX:-UsePerfData",
      "-Dquarkus.http.host=127.0.0.1",
      `-Dquarkus.http.port=${port}`,
      // In memory by default: ids would begin at 1 again.
      `-Dapicurio.datasource.url=jdbc:h2:file:${join(folder, "registry")}`,
      "-jar",
      jar,
    ],
    { stdio: ["ignore", output, output], cwd: folder },
  );
  closeSync(output);
  if (child.pid === undefined) throw new Error(`${java} could not be started`);
  const ended = once(child, "exit");
  // A test file that forgets to stop it ends all the same; the guard ends the registry then.
  child.unref();
  return {
    pid: child.pid,
    ended,
    hasEnded: () => child.exitCode !== null || child.signalCode !== null,
    kill: () => void child.kill("SIGKILL"),
  };
}

/** @throws Error with the end of its log */
async function answering({ hasEnded }: Running, folder: string, port: number): Promise<void> {
  const url = `http://127.0.0.1:${port}/health/ready`;
  try {
    await until(
      `a registry at ${url}`,
      async () => {
        if (hasEnded()) throw new Error("the registry ended");
        try {
          return (await fetch(url)).ok ? true : null;
        } catch {
          // Not listening yet.
          return null;
        }
      },
      READY_MS_MAX,
    );
  } catch (error) {
    const lines = (await readFile(logOf(folder), "utf8")).trimEnd().split("\n");
    const end = lines.slice(-LOG_LINES_SHOWN).join("\n");
    throw new Error(`${String(error)}; the end of its log:\n${end}`, { cause: error });
  }
}

function logOf(folder: string): string {
  return join(folder, "registry.log");
}

import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import type { ChildContext } from "../child.ts";

export interface PeerSettings {
  readonly java: string;
  readonly classPath: string;
  readonly broker: string;
  /** Prefix of its topics, the inputs' too. */
  readonly prefix: string;
  /** Its consumer group, and prefix of its changelog. */
  readonly application: string;
  /** Directory of its stores. */
  readonly state: string;
}

/** A run of the peer, coalesced, with one stream thread. */
export interface PeerRun {
  readonly pid: number;
  /** What it prints when all is restored. */
  readonly ready: Promise<PeerLine>;
  /** What it prints after the last commit, where it ends by itself. */
  readonly idle: Promise<PeerLine>;
  /** Ends it cleanly if it has not ended; what it prints last. */
  stop(): Promise<PeerLine>;
  kill(): Promise<void>;
}

/** The numbers of a line that it prints, by their names. */
export type PeerLine = ReadonlyMap<string, number>;

/** @param endWhenIdle otherwise it goes on until it is stopped */
export function startPeer(
  { java, classPath, broker, prefix, application, state }: PeerSettings,
  { signal, step }: ChildContext,
  endWhenIdle = false,
): PeerRun {
  const words = ["--bootstrap", broker, "--prefix", prefix, "--app", application, "--state-dir", state];
  const mode = ["--mode", "coalesced", "--threads", "1", "--idle-exit", endWhenIdle ? IDLE_SECONDS : "0"];
  const child: ChildProcess = spawn(java, [...VM, "-cp", classPath, "bench.Score", ...words, ...mode], {
    stdio: ["ignore", "pipe", "ignore"],
    signal,
    killSignal: "SIGKILL",
  });
  const lines = {
    RUNNING: Promise.withResolvers<PeerLine>(),
    IDLE: Promise.withResolvers<PeerLine>(),
    CLOSED: Promise.withResolvers<PeerLine>(),
  };
  if (child.stdout !== null) {
    createInterface({ input: child.stdout }).on("line", (text) => {
      const [kind = ""] = text.split(" ", 1);
      if (kind in lines) lines[kind as keyof typeof lines].resolve(numbersOf(text));
      else if (kind === "ERROR") step("the Kafka Streams program has failed");
    });
  }
  const ended = once(child, "close");
  const fail = (): void => {
    for (const line of Object.values(lines)) line.reject(new Error("the Kafka Streams program ended early"));
  };
  ended.then(fail, fail);
  for (const line of Object.values(lines)) line.promise.catch(() => undefined);
  return {
    pid: child.pid ?? 0,
    ready: lines.RUNNING.promise,
    idle: lines.IDLE.promise,
    async stop() {
      child.kill("SIGTERM");
      const closed = await lines.CLOSED.promise;
      await ended;
      return closed;
    },
    async kill() {
      child.kill("SIGKILL");
      await ended.catch(() => undefined);
    },
  };
}

/** Makes the peer's topic of scores, empty. */
export async function freshScores(
  { java, classPath, broker, prefix }: PeerSettings,
  { signal }: ChildContext,
): Promise<void> {
  const words = ["bench.Topics", "--bootstrap", broker, "--prefix", prefix, "--fresh-scores"];
  await promisify(execFile)(java, ["-Xmx256m", "-XX:+UseSerialGC", "-cp", classPath, ...words], { signal });
}

/** As its own script gives them. */
const VM: readonly string[] = ["-Xms512m", "-Xmx512m", "-XX:+UseParallelGC"];
const IDLE_SECONDS = "3";

function numbersOf(text: string): PeerLine {
  const pairs = text.matchAll(/(\w+)=([\d.]+)/g);
  return new Map(Array.from(pairs, ([, name = "", value]) => [name, Number(value)]));
}

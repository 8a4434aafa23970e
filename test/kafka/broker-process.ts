import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { archiveArguments, type KafkaPrograms, programArguments, SHORT_LIVED } from "./kafka-program.ts";

/** One run of a broker's program, from its start to its end. */
export interface BrokerProcess {
  readonly pid: number;
  /** Resolves when it is gone. */
  readonly ended: Promise<void>;
  hasEnded(): boolean;
  signal(signal: NodeJS.Signals): void;
}

/** How the virtual machine runs: `short` starts quickly, `long` compiles well, for benchmarks. */
export type Compiler = "short" | "long";

export interface ProcessOptions {
  readonly programs: KafkaPrograms;
  /** Of the properties. */
  readonly settings: string;
  /** What it prints is appended to it. */
  readonly log: string;
  readonly heapMegabytes: number;
  readonly compiler: Compiler;
}

export function startBrokerProcess(options: ProcessOptions, guard: Guard): BrokerProcess {
  const { programs, settings, log, heapMegabytes, compiler } = options;
  const output = openSync(log, "a");
  const child = spawn(
    programs.java,
    [
      `-Xmx${heapMegabytes}m`,
      ...COMPILER_FLAGS[compiler],
      ...archiveArguments(programs),
      ...programArguments(programs, "kafka.Kafka"),
      settings,
    ],
    { stdio: ["ignore", output, output] },
  );
  closeSync(output);
  if (child.pid === undefined) throw new Error(`${programs.java} could not be started`);
  guard.watch(child.pid);
  const ended = once(child, "exit").then(() => guard.watch(null));
  // A test file that forgets to stop it ends all the same; the guard ends the broker then.
  child.unref();
  return {
    pid: child.pid,
    ended,
    hasEnded: () => child.exitCode !== null || child.signalCode !== null,
    signal(signal) {
      // Whoever ends it waits for its end, also where nothing else keeps this process alive.
      if (signal === "SIGKILL" || signal === "SIGTERM") child.ref();
      child.kill(signal);
    },
  };
}

const COMPILER_FLAGS: Readonly<Record<Compiler, readonly string[]>> = {
  short: SHORT_LIVED,
  long: ["-XX:+UseG1GC", "-XX:-UsePerfData"],
};

/** Ends a broker and removes its folder when the process that started it is gone, however that went. */
export interface Guard {
  /** The process to end; null = none runs now. */
  watch(pid: number | null): void;
  /** Ends and removes at once. */
  close(): Promise<void>;
}

/**
 * A shell whose standard input is a pipe from this process: it reads which process to watch over until the pipe
 * closes, which the system does also when this process is killed.
 */
export function openGuard(folder: string): Guard {
  const shell: ChildProcess = spawn("/bin/sh", ["-c", GUARD_SCRIPT, "kafka-guard", folder], {
    stdio: ["pipe", "ignore", "ignore"],
  });
  const ended = once(shell, "exit");
  shell.unref();
  const pipe = shell.stdin as (NodeJS.WritableStream & { unref?: () => void }) | null;
  pipe?.on("error", () => undefined);
  pipe?.unref?.();
  return {
    watch: (pid) => void pipe?.write(`${pid ?? ""}\n`),
    async close() {
      pipe?.end();
      shell.ref();
      await ended;
    },
  };
}

/** Ctrl-C reaches the whole group of processes: the shell stays, to clean up. */
const GUARD_SCRIPT = `
trap '' INT TERM HUP
pid=
while read -r line; do pid=$line; done
if [ -n "$pid" ]; then
  kill -9 "$pid" 2>/dev/null
  tries=0
  while kill -0 "$pid" 2>/dev/null && [ $tries -lt 50 ]; do tries=$((tries + 1)); sleep 0.1; done
fi
rm -rf "$1"
`;

/** The name of a broker's log in its folder. */
export function logOf(folder: string): string {
  return join(folder, "broker.log");
}

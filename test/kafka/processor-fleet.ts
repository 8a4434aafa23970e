import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { KafkaDescription, ProcessorSetup } from "@tidemark/processor";
import { until } from "../integration/until.ts";
import type { ProcessorCommand, ProcessorLine } from "./processor-process.ts";

/** Processors on Kafka, each in a process of its own and on stores of its own, all in one group. */
export interface ProcessorFleet {
  /** @param machine the name of its stores: who has them again goes on from them */
  start(machine: string, workers?: number): FleetMember;
  /** kill -9 for all that are left. */
  killAll(): Promise<void>;
}

export interface FleetMember {
  readonly child: ChildProcess;
  /** Its newest word; null before the first. */
  readonly line: ProcessorLine | null;
  /** What it wrote to standard error. */
  readonly stderr: string;
  hasEnded(): boolean;
  /** SIGTERM, and its end. @returns the exit code */
  stop(): Promise<number | null>;
  kill(): Promise<void>;
}

export function processorFleet(options: {
  readonly kafka: KafkaDescription;
  readonly setup: ProcessorSetup;
  /** Of the stores of all machines. */
  readonly folder: string;
}): ProcessorFleet {
  const members: FleetMember[] = [];
  return {
    start(machine, workers = 0) {
      const command: ProcessorCommand = {
        kafka: { ...options.kafka, clientId: machine },
        setup: { ...options.setup, stores: join(options.folder, machine) },
        workers,
      };
      const member = startMember(command);
      members.push(member);
      return member;
    },
    async killAll() {
      await Promise.all(members.splice(0).map((member) => member.kill()));
    },
  };
}

/** Waits until these processors own all partitions, each once, and are in turns. */
export async function settled(members: readonly FleetMember[], partitions: number, msMax?: number): Promise<void> {
  const isSettled = (): true | null => {
    for (const member of members) {
      if (member.hasEnded()) throw new Error(`a processor has ended: ${member.stderr}`);
    }
    const owned = members.flatMap(({ line }) => line?.partitions ?? []);
    const isShared = new Set(owned).size === partitions && owned.length === partitions;
    return isShared && members.every(({ line }) => line?.ready === true) ? true : null;
  };
  try {
    await until(`${members.length} processors share ${partitions} partitions`, isSettled, msMax);
  } catch (cause) {
    const states = members.map(({ line, stderr }) => `${JSON.stringify(line)}\n${stderr}`);
    throw new Error(`they are at:\n${states.join("\n")}`, { cause });
  }
}

/** Waits until each of these processors has applied more than when this was called. */
export async function somethingIsApplied(...members: readonly FleetMember[]): Promise<void> {
  const before = members.map(({ line }) => line?.applied ?? 0);
  await until("events are applied", () =>
    members.every(({ line }, index) => (line?.applied ?? 0) > (before[index] ?? 0)) ? true : null,
  );
}

/** Waits until these processors, which own everything, have applied so many records. */
export async function applied(members: readonly FleetMember[], records: number): Promise<void> {
  await until(`${records} records are applied`, () =>
    members.reduce((sum, { line }) => sum + (line?.applied ?? 0), 0) === records ? true : null,
  );
}

/** Waits until these processors, which own everything, are in turns and so many records have come to an outcome. */
export async function allTaken(members: readonly FleetMember[], records: number, msMax?: number): Promise<void> {
  const isTaken = (): true | null => {
    const ended = members.find((member) => member.hasEnded());
    if (ended !== undefined) throw new Error(`a processor has ended: ${ended.stderr}`);
    const taken = members.reduce((sum, { line }) => sum + (line?.taken ?? 0), 0);
    return taken === records && members.every(({ line }) => line?.ready === true) ? true : null;
  };
  await until(`${records} records have come to an outcome`, isTaken, msMax);
}

function startMember(command: ProcessorCommand): FleetMember {
  const script = new URL("processor-process.ts", import.meta.url).pathname;
  const child = spawn("node", ["--disable-warning=TimeoutNegativeWarning", script, JSON.stringify(command)], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  let line: ProcessorLine | null = null;
  let stderr = "";
  createInterface({ input: child.stdout }).on("line", (text) => {
    line = JSON.parse(text) as ProcessorLine;
  });
  child.stderr.on("data", (chunk: Buffer) => {
    stderr = (stderr + chunk.toString()).slice(-STDERR_LENGTH_MAX);
  });
  const ended = once(child, "exit");
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;
  return {
    child,
    get line() {
      return line;
    },
    get stderr() {
      return stderr;
    },
    hasEnded,
    async stop() {
      child.kill("SIGTERM");
      await ended;
      return child.exitCode;
    },
    async kill() {
      child.kill("SIGKILL");
      if (!hasEnded()) await ended;
    },
  };
}

const STDERR_LENGTH_MAX = 20_000;

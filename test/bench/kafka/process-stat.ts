import { readFileSync } from "node:fs";
import { threadCpuMs, totalMs } from "../thread-cpu.ts";

/** CPU time of a process so far, user and system of all its threads, s (Linux). */
export function cpuSecondsOf(pid: number): number {
  return totalMs(threadCpuMs(pid)) / 1_000;
}

/** The most memory that a process has had resident, MB (Linux); NaN if it is gone. */
export function peakMbOf(pid: number): number {
  try {
    return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? Number.NaN) / 1_024;
  } catch {
    return Number.NaN;
  }
}

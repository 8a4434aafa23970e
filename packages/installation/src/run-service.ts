import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { exitCodeOf, exitCodes, firstFailure } from "./exit-codes.ts";

/** Aborts when the process is asked to end; the second time it ends at once, which the log survives. Called once, by a main file. */
export function whenInterrupted(): AbortSignal {
  const interrupted = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.once(name, () => {
      interrupted.abort(new Error("interrupted"));
      process.once(name, () => process.exit(exitCodes.interrupted));
    });
  }
  return interrupted.signal;
}

/** Resolves once the signal has aborted. */
export function whenAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** Identifies the machine's boot (R17). Where the system does not tell it, each process counts as one: an unclean store is then built anew. */
export function bootId(): string {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch {
    return randomUUID();
  }
}

/** Runs a service until it ends; a failure is told in one line, and as the exit code. */
export async function runService(name: string, service: () => Promise<void>): Promise<void> {
  try {
    await service();
  } catch (failure) {
    const error = firstFailure(failure);
    process.exitCode = exitCodeOf(error);
    process.stderr.write(`${name}: ${error instanceof Error ? error.message : String(error)}\n`);
  }
}

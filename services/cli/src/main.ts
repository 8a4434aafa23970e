#!/usr/bin/env node
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { systemClock } from "@tidemark/clock";
import { runProgram } from "./program.ts";

// The only file that looks at the environment, signals, the wall clock and randomness.

const interrupted = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) {
  process.once(name, () => {
    interrupted.abort(new Error("interrupted"));
    // A second one ends the process at once: the log survives that.
    process.once(name, () => process.exit(130));
  });
}
// A reader that has seen enough (`| head`) is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

process.exitCode = await runProgram(process.argv.slice(2), {
  environment: process.env,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  clock: systemClock(),
  signal: interrupted.signal,
  bootId: bootId(),
  token: randomUUID,
});

/** Where the system does not tell its boot, each process counts as one: an unclean store is then built anew. */
function bootId(): string {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch {
    return randomUUID();
  }
}

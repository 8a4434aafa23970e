#!/usr/bin/env node
import { randomUUID } from "node:crypto";
import { systemClock } from "@tidemark/clock";
import { bootId, whenInterrupted } from "@tidemark/installation";
import { runProgram } from "./program.ts";

// The only file that looks at the environment, signals, the wall clock and randomness.

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
  signal: whenInterrupted(),
  bootId: bootId(),
  token: randomUUID,
});

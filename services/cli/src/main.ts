#!/usr/bin/env node
import { randomUUID } from "node:crypto";
import { systemClock } from "@tidemark/clock";
import { bootId, exitCodes, whenInterrupted } from "@tidemark/installation";
import { runProgram } from "./program.ts";
import { systemWords } from "./system-words.ts";

// The only file that looks at the environment, signals, the wall clock and randomness.

const words = process.argv.slice(2);

process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  // All that a server says there is where it answers.
  if (words[0] === "start") return;
  // A reader that has seen enough (`| head`) is no failure.
  if (error.code === "EPIPE") process.exit(exitCodes.ok);
  process.stderr.write(`tidemark: cannot write to standard output: ${systemWords(error)}\n`);
  process.exit(exitCodes.usage);
});
// What a command says of its work is for whoever looks on; the work goes on without.
process.stderr.on("error", () => undefined);

process.exitCode = await runProgram(words, {
  environment: process.env,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  clock: systemClock(),
  signal: whenInterrupted(),
  bootId: bootId(),
  token: randomUUID,
});

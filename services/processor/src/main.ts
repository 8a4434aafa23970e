#!/usr/bin/env node
import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { systemClock } from "@tidemark/clock";
import { exitCodeOf, exitCodes, firstFailure, parseSettings } from "@tidemark/installation";
import { createLogger } from "@tidemark/telemetry";
import { OPERATING_ERRORS } from "./operating-errors.ts";
import { serveOnKafka } from "./serve-on-kafka.ts";

// The processor alone, on Kafka. Like every main file it alone looks at the environment, signals, the wall clock and randomness.

/** The gateway's is 8080: both fit on one machine. */
const PORT_DEFAULT = "8081";

const interrupted = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) {
  process.once(name, () => {
    interrupted.abort();
    // A second one ends the process at once: the log survives that.
    process.once(name, () => process.exit(exitCodes.interrupted));
  });
}

try {
  const settings = parseSettings({ ...process.env, TIDEMARK_PORT: process.env["TIDEMARK_PORT"] || PORT_DEFAULT }, {});
  await serveOnKafka({
    settings,
    directory: settings.TIDEMARK_DATA_DIR ?? ".tidemark/processor",
    workers: Math.max(1, settings.TIDEMARK_WORKERS ?? availableParallelism()),
    clock: systemClock(),
    bootId: await bootId(),
    logger: createLogger({ level: settings.TIDEMARK_LOG_LEVEL, name: "processor", vouched: OPERATING_ERRORS }),
    signal: interrupted.signal,
    onListening: (url) => process.stdout.write(`tidemark processor: ${url}\n`),
  });
} catch (failure) {
  const error = firstFailure(failure);
  process.exitCode = exitCodeOf(error);
  process.stderr.write(`tidemark processor: ${error instanceof Error ? error.message : String(error)}\n`);
}

/** Where the system does not tell its boot, each process counts as one: an unclean store is then built anew. */
async function bootId(): Promise<string> {
  try {
    return (await readFile("/proc/sys/kernel/random/boot_id", "utf8")).trim();
  } catch {
    return randomUUID();
  }
}

#!/usr/bin/env node
import { randomUUID } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { systemClock } from "@tidemark/clock";
import { exitCodeOf, exitCodes, firstFailure, parseSettings } from "@tidemark/installation";
import { createLogger } from "@tidemark/telemetry";
import { serveOnKafka } from "./serve-on-kafka.ts";

// The gateway alone, on Kafka. The only file of it that looks at the environment, signals, the wall clock and randomness.

const interrupted = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) {
  process.once(name, () => {
    interrupted.abort();
    // A second one ends the process at once: the log survives that.
    process.once(name, () => process.exit(exitCodes.interrupted));
  });
}

try {
  const settings = parseSettings(process.env, {});
  const directory = settings.TIDEMARK_DATA_DIR ?? ".tidemark/gateway";
  await mkdir(directory, { recursive: true });
  await serveOnKafka({
    settings,
    directory,
    clock: systemClock(),
    bootId: await bootId(),
    logger: createLogger({ level: settings.TIDEMARK_LOG_LEVEL, name: "gateway" }),
    signal: interrupted.signal,
    onListening: (url) => process.stdout.write(`tidemark gateway: ${url}\n`),
  });
} catch (failure) {
  const error = firstFailure(failure);
  process.exitCode = exitCodeOf(error);
  process.stderr.write(`tidemark gateway: ${error instanceof Error ? error.message : String(error)}\n`);
}

/** Where the system does not tell its boot, each process counts as one: an unclean store is then built anew. */
async function bootId(): Promise<string> {
  try {
    return (await readFile("/proc/sys/kernel/random/boot_id", "utf8")).trim();
  } catch {
    return randomUUID();
  }
}

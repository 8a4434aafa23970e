#!/usr/bin/env node
import { availableParallelism } from "node:os";
import { systemClock } from "@tidemark/clock";
import { bootId, OPERATING_ERRORS, parseSettings, runService, whenInterrupted } from "@tidemark/installation";
import { createLogger } from "@tidemark/telemetry";
import { serveOnKafka } from "./serve-on-kafka.ts";

// The processor alone, on Kafka. Like every main file it alone looks at the environment, signals, the wall clock and randomness.

/** The gateway's is 8080: both fit on one machine. */
const PORT_DEFAULT = "8081";

const signal = whenInterrupted();
await runService("tidemark processor", async () => {
  const settings = parseSettings({ ...process.env, TIDEMARK_PORT: process.env["TIDEMARK_PORT"] || PORT_DEFAULT }, {});
  await serveOnKafka({
    settings,
    directory: settings.TIDEMARK_DATA_DIR ?? ".tidemark/processor",
    workers: Math.max(1, settings.TIDEMARK_WORKERS ?? availableParallelism()),
    clock: systemClock(),
    bootId: bootId(),
    logger: createLogger({ level: settings.TIDEMARK_LOG_LEVEL, name: "processor", vouched: OPERATING_ERRORS }),
    signal,
    onListening: (url) => process.stdout.write(`tidemark processor: ${url}\n`),
  });
});

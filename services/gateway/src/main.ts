#!/usr/bin/env node
import { mkdir } from "node:fs/promises";
import { systemClock } from "@tidemark/clock";
import { bootId, OPERATING_ERRORS, parseSettings, runService, whenInterrupted } from "@tidemark/installation";
import { createLogger } from "@tidemark/telemetry";
import { serveOnKafka } from "./serve-on-kafka.ts";

// The gateway alone, on Kafka. The only file of it that looks at the environment, signals, the wall clock and randomness.

const signal = whenInterrupted();
await runService("tidemark gateway", async () => {
  const settings = parseSettings(process.env, {});
  const directory = settings.TIDEMARK_DATA_DIR ?? ".tidemark/gateway";
  await mkdir(directory, { recursive: true });
  await serveOnKafka({
    settings,
    directory,
    clock: systemClock(),
    bootId: bootId(),
    logger: createLogger({ level: settings.TIDEMARK_LOG_LEVEL, name: "gateway", vouched: OPERATING_ERRORS }),
    signal,
    onListening: (url) => process.stdout.write(`tidemark gateway: ${url}\n`),
  });
});

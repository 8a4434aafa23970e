import { randomUUID } from "node:crypto";
import { systemClock } from "@tidemark/clock";
import { OPERATING_ERRORS } from "@tidemark/installation";
import { type Processor, startProcessorHere } from "@tidemark/processor";
import type { EventLog } from "@tidemark/streams";
import { createLogger, createMetrics } from "@tidemark/telemetry";
import { join } from "node:path";
import { until } from "../integration/until.ts";
import type { Installation } from "./installation.ts";

/** A processor in the test's own process, which owns all partitions for good: what happens to its log is the test's. */
export interface ProcessorInTest extends Processor {
  /** The lines it has logged. */
  readonly lines: readonly string[];
  /** Waits until it has applied everything; if it ends instead, throws what it ended with. */
  caughtUp(): Promise<void>;
}

export interface ProcessorInTestOptions {
  /** The installation's own if absent. */
  readonly log?: EventLog;
  /** Whose stores it goes on with. */
  readonly machine?: string;
  /** Added to what its own clock shows, ms. */
  readonly clockAheadMs?: number;
}

export async function startInTest(
  installation: Installation,
  options: ProcessorInTestOptions = {},
): Promise<ProcessorInTest> {
  const { machine = "machine-1", clockAheadMs = 0 } = options;
  const { setup, log } = installation;
  const clock = systemClock();
  const lines: string[] = [];
  const processor = await startProcessorHere(
    { ...setup, stores: join(setup.stores, machine) },
    {
      log: options.log ?? log,
      clock: {
        now: () => clock.now() + clockAheadMs,
        monotonic: () => clock.monotonic(),
        sleep: (ms, signal) => clock.sleep(ms, signal),
        yield: () => clock.yield(),
      },
      token: randomUUID,
      metrics: createMetrics("thread"),
      logger: createLogger({
        level: "warn",
        name: "processor",
        vouched: OPERATING_ERRORS,
        destination: { write: (line) => lines.push(line) },
      }),
    },
  );
  let failure: { readonly error: unknown } | null = null;
  processor.ended.catch((error: unknown) => {
    failure = { error };
  });

  return {
    get ready() {
      return processor.ready;
    },
    get tasks() {
      return processor.tasks;
    },
    get lagRecords() {
      return processor.lagRecords;
    },
    get stages() {
      return processor.stages;
    },
    ended: processor.ended,
    stop: () => processor.stop(),
    lines,
    async caughtUp() {
      const goal = await installation.inputRecords();
      await until(
        "everything is applied",
        () => {
          if (failure !== null) throw failure.error;
          const taken = processor.tasks.reduce((sum, { counts }) => {
            return sum + counts.applied + counts.duplicate + counts.suppressed + counts.deadLetter;
          }, 0);
          return processor.ready && taken === goal ? true : null;
        },
        CAUGHT_UP_MS_MAX,
      );
    },
  };
}

/** On a machine that does much else. */
const CAUGHT_UP_MS_MAX = 180_000;

import { randomUUID } from "node:crypto";
import { systemClock } from "@tidemark/clock";
import { topicNames } from "@tidemark/contracts";
import {
  type KafkaDescription,
  openOwnedLog,
  type Processor,
  type ProcessorSetup,
  startProcessorHere,
  startProcessorThreads,
} from "@tidemark/processor";
import { OPERATING_ERRORS } from "@tidemark/installation";
import { createLogger, createMetrics } from "@tidemark/telemetry";

/** For tests that stop and kill: a processor on Kafka in a process of its own, which prints what it is at. SIGTERM stops it. */
export interface ProcessorCommand {
  readonly kafka: KafkaDescription;
  readonly setup: ProcessorSetup;
  /** 0: the tasks run in the first thread. */
  readonly workers: number;
}

/** One line of output, whenever something in it has changed. */
export interface ProcessorLine {
  readonly ready: boolean;
  readonly partitions: readonly number[];
  /** Input records applied, since their first turn, of these partitions. */
  readonly applied: number;
  /** Input records that have come to any outcome, since their first turn, of these partitions. */
  readonly taken: number;
  readonly lagRecords: number;
}

const { kafka, setup, workers } = JSON.parse(process.argv[2] ?? "") as ProcessorCommand;
const logger = createLogger({ level: setup.logLevel, name: "processor", vouched: OPERATING_ERRORS });
const metrics = createMetrics("thread");
const clock = systemClock();

await using open = new AsyncDisposableStack();
const processor =
  workers === 0
    ? await startHere()
    : await startProcessorThreads({ setup, threads: workers, log: kafka, metrics, logger });
process.once("SIGTERM", () => void processor.stop().catch(() => undefined));
const telling = setInterval(tell, 20);
let told = "";
try {
  await processor.ended;
} finally {
  clearInterval(telling);
}

async function startHere(): Promise<Processor> {
  const owned = await openOwnedLog(kafka, {
    topic: topicNames(setup.topicPrefix).purchases,
    clock,
    onRejoin: (error) => logger.warn("the processor has to join its group again", { error }),
    onProblem: (error) => logger.warn("the log has a problem", { error }),
    onReachedAgain: (host) => logger.info("a broker can be reached again", { host }),
  });
  open.defer(() => owned.close());
  const { log, ownership } = owned;
  return startProcessorHere(setup, { log, ownership, clock, token: randomUUID, metrics, logger });
}

function tell(): void {
  const line: ProcessorLine = {
    ready: processor.ready,
    partitions: processor.tasks.map(({ partition }) => partition),
    applied: processor.tasks.reduce((sum, { counts }) => sum + counts.applied, 0),
    taken: processor.tasks.reduce((sum, { counts }) => {
      return sum + counts.applied + counts.duplicate + counts.suppressed + counts.deadLetter;
    }, 0),
    lagRecords: processor.lagRecords,
  };
  const text = JSON.stringify(line);
  if (text === told) return;
  told = text;
  process.stdout.write(`${text}\n`);
}

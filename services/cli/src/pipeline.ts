import { availableParallelism } from "node:os";
import { join } from "node:path";
import {
  createScoringApplication,
  type Processor,
  type ProcessorSetup,
  startProcessorHere,
  startProcessorThreads,
} from "@tidemark/processor";
import type { ConsentDefault } from "@tidemark/scoring";
import { TASK_LIMITS } from "@tidemark/streams";
import type { Logger, Metrics } from "@tidemark/telemetry";
import type { CommandContext } from "./command-context.ts";
import { CommandFailed, exitCodes } from "./failure.ts";
import type { ControlSource } from "./control-server.ts";
import { dataHere } from "./data-here.ts";
import type { OpenData } from "./opened-data.ts";
import { processorGroup, publishStartUp, type Settings } from "@tidemark/installation";

/** Everything that works on an open data directory, in this process. */
export interface Pipeline {
  readonly processor: Processor;
  readonly control: Omit<ControlSource, "shownGoal" | "shownLeft">;
  /**
   * Resolves when everything is applied and scored that was in the log at the time of the call; in clock mode `event`,
   * up to the last TICK, since what comes after it waits for the next.
   * @param onLeft told now and then how many records are left
   * @throws whatever ended the processor; the signal's reason
   */
  caughtUp(signal: AbortSignal, onLeft: (records: number) => void): Promise<void>;
  /** Leaves clean stores. The data stay open. */
  stop(): Promise<void>;
}

export interface PipelineOptions {
  readonly data: OpenData;
  readonly settings: Settings;
  readonly context: CommandContext;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Whether queries are answered beside it. */
  readonly isServing: boolean;
}

export async function startPipeline(options: PipelineOptions): Promise<Pipeline> {
  const { data, settings } = options;
  const { installation, clock, log, contracts, model } = data;
  await publishStartUp({ log, contracts, place: installation }, model.artefact, clock);
  const application = createScoringApplication({
    contracts,
    model,
    consentDefault: consentDefaultOf(settings),
    clockMode: installation.clock,
    ...(data.clockScale === null ? {} : { scaledClock: data.clockScale }),
  });
  const processor = await runProcessor(options);
  const topics = installation.clock === "event" ? [contracts.topics.ticks] : application.inputs;

  async function recordsInLog(): Promise<number> {
    let records = 0;
    for (const topic of topics) {
      for (let partition = 0; partition < installation.partitions; partition += 1) {
        records += (await log.offsets(topic, partition)).end;
      }
    }
    return records;
  }

  /** The counts begin with the first turn, as the offsets do, so the two are of the same records (I2). */
  function recordsTaken(): number {
    let records = 0;
    for (const { counts } of processor.tasks) {
      const { applied, duplicate, suppressed, deadLetter, ticks } = counts;
      records += installation.clock === "event" ? ticks : applied + duplicate + suppressed + deadLetter;
    }
    return records;
  }

  const left = (goal: number): number => Math.max(goal - recordsTaken(), processor.ready ? 0 : 1);

  return {
    processor,
    control: {
      ...dataHere(data, options.context.signal),
      goal: recordsInLog,
      left,
    },
    async caughtUp(signal, onLeft) {
      const goal = await recordsInLog();
      const failed = processor.ended.then(() => {
        throw new CommandFailed(exitCodes.interrupted, "the processor was stopped");
      });
      failed.catch(() => undefined);
      for (let records = left(goal); records > 0; records = left(goal)) {
        onLeft(records);
        await Promise.race([clock.sleep(POLL_MS, signal), failed]);
        signal.throwIfAborted();
      }
    },
    stop: async () => processor.stop(),
  };
}

const POLL_MS = 20;

function consentDefaultOf(settings: Settings): ConsentDefault {
  return settings.TIDEMARK_CONSENT_DEFAULT ?? "granted";
}

/** In threads of its own, so that queries are not kept waiting; or, where none are wanted, in this one. */
function runProcessor({ data, settings, context, logger, metrics, isServing }: PipelineOptions): Promise<Processor> {
  const { directory, installation, clock, clockScale, log, model, source } = data;
  const { TIDEMARK_LOG_LEVEL: logLevel, TIDEMARK_TURN_MS, TIDEMARK_WORKERS } = settings;
  // Where it serves from its own log, two threads are busy with what comes in and is asked for: a core is left to them.
  const coresLeft = isServing && source.kind === "embedded" ? 1 : 0;
  const threads = TIDEMARK_WORKERS ?? Math.max(1, availableParallelism() - coresLeft);
  const setup: ProcessorSetup = {
    topicPrefix: installation.topicPrefix,
    partitions: installation.partitions,
    registry: data.registry,
    stores: join(directory, "stores"),
    artefact: model.artefact,
    consentDefault: consentDefaultOf(settings),
    erasureSecret: data.erasureSecret,
    mode: installation.clock,
    clockScale,
    limits: {
      ...(TIDEMARK_TURN_MS === undefined ? {} : { turnIntervalMs: TIDEMARK_TURN_MS }),
      // Of the log's clock: in a demo a real hour is many of its own.
      checkpointStaleMsMax: TASK_LIMITS.checkpointStaleMsMax * (clockScale?.factor ?? 1),
    },
    bootId: context.bootId,
    logLevel,
  };
  if (source.kind === "kafka") {
    const { connection } = source.kafka;
    const groupId = processorGroup(installation.topicPrefix);
    const group = { kind: "kafka", connection, clientId: "tidemark-processor", groupId } as const;
    // Each thread is a member of the group: without one this process would own nothing.
    return startProcessorThreads({ setup, threads: Math.max(1, threads), log: group, metrics, logger });
  }
  if (threads === 0) return startProcessorHere(setup, { log, clock, token: () => context.token(), metrics, logger });
  const shared = { kind: "shared", share: () => source.share() } as const;
  return startProcessorThreads({ setup, threads, log: shared, standsBack: isServing, metrics, logger });
}

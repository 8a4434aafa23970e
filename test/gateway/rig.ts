import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as nextTurn, setTimeout as pause } from "node:timers/promises";
import {
  type Contracts,
  openContracts,
  openFileRegistry,
  type Score,
  TOPIC_PREFIX_DEFAULT,
  topicSpecs,
  type TierChange,
} from "@tidemark/contracts";
import { createGateway, type Gateway, type GatewayOptions, sumCounts } from "@tidemark/gateway";
import { startViews, sumFigures, type Views } from "@tidemark/gateway/views";
import { type Clock, type EventLog, partitionOf, type PartitionBatch, type StateReader } from "@tidemark/streams";
import { type EmbeddedLog, type EmbeddedLogOptions, openEmbeddedLog } from "@tidemark/log-embedded";
import { shelfOf } from "@tidemark/scoring";
import { createHealth, createLogger, createMetrics } from "@tidemark/telemetry";
import { MemoryLevel } from "memory-level";
import { model, startPipeline } from "./pipeline.ts";

export const PARTITIONS = 3;

/** Real time, as the composing process passes it in. */
export const wallClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms, signal) => pause(ms, undefined, { signal }).catch(() => undefined),
  yield: () => nextTurn(),
};

/** A gateway over a real log, listening on a port of its own. */
export interface Rig extends AsyncDisposable {
  readonly gateway: Gateway;
  readonly url: string;
  readonly log: EmbeddedLog;
  readonly contracts: Contracts;
  /** Encoded profiles by customer. */
  readonly profiles: Map<string, Uint8Array>;
  /** Lines that were logged. */
  readonly lines: string[];
  call(path: string, init?: RequestInit): Promise<Response>;
  /** Appends each record to the partition of its customer, in one append. */
  appendScores(scores: readonly Score[]): Promise<void>;
  appendTierChanges(changes: readonly TierChange[]): Promise<void>;
}

export interface RigOptions extends Partial<Pick<GatewayOptions, "config" | "streamLimits" | "clock">> {
  /** Stands between gateway and log. */
  readonly wrapLog?: (log: EventLog) => EventLog;
  readonly logLimits?: EmbeddedLogOptions["limits"];
  readonly states?: Partial<StateReader>;
  /** Runs the processor and its views too, instead of `states` from a map. */
  readonly withPipeline?: true;
}

/** Views of what is in the rig's log, in a directory of their own. */
export function viewsOf({ log, contracts }: Pick<Rig, "log" | "contracts">, directory: string): Promise<Views> {
  return startViews({
    log,
    contracts,
    partitions: PARTITIONS,
    directory,
    clock: wallClock,
    timeScale: 1,
    bootId: randomUUID(),
    lapseDays: 90,
    logger: createLogger({ level: "silent", name: "views" }),
  });
}

export async function openRig(options: RigOptions = {}): Promise<Rig> {
  const folder = await mkdtemp(join(tmpdir(), "tidemark-gateway-"));
  const clock = options.clock ?? wallClock;
  const log = await openEmbeddedLog({
    level: new MemoryLevel(),
    clock,
    ...(options.logLimits === undefined ? {} : { limits: options.logLimits }),
  });
  await log.createTopics(topicSpecs(TOPIC_PREFIX_DEFAULT, PARTITIONS));
  const registry = await openFileRegistry(join(folder, "registry.json"));
  const contracts = await openContracts({ registry, prefix: TOPIC_PREFIX_DEFAULT });
  const profiles = new Map<string, Uint8Array>();
  const lines: string[] = [];
  const pipeline =
    options.withPipeline === true
      ? await startPipeline({ log, contracts, clock, partitions: PARTITIONS, directory: join(folder, "views") })
      : null;
  const gateway = await createGateway({
    log: options.wrapLog?.(log) ?? log,
    contracts,
    states: pipeline?.views.states ?? { ...readerOf(profiles), ...options.states },
    counts: pipeline?.views.counts ?? (() => sumCounts([])),
    figures: pipeline?.views.figures ?? (() => sumFigures([])),
    models: shelfOf(model),
    clock,
    partitions: PARTITIONS,
    canErase: pipeline !== null,
    config: { port: 0, ...options.config },
    telemetry: {
      logger: createLogger({ level: "debug", name: "gateway", destination: { write: (line) => lines.push(line) } }),
      health: createHealth({ log: () => true, store: () => true, registry: () => true }, { timeoutMs: 1000 }),
      metricsText: () => createMetrics("thread").text(),
    },
    ...(options.streamLimits === undefined ? {} : { streamLimits: options.streamLimits }),
  });
  await gateway.listen();
  const url = gateway.address;
  if (url === null) throw new Error("the gateway is not bound");
  const append = async <T extends { readonly customerId: string }>(
    topic: string,
    encode: (record: T) => Uint8Array,
    records: readonly T[],
  ): Promise<void> => {
    await log.append(batchesOf(topic, encode, records));
  };
  return {
    gateway,
    url,
    log,
    contracts,
    profiles,
    lines,
    call: (path, init) => fetch(`${url}${path}`, init),
    appendScores: (scores) => append(contracts.topics.scores, contracts.codecs.scores.encode, scores),
    appendTierChanges: (changes) => append(contracts.topics.tierChanges, contracts.codecs.tierChanges.encode, changes),
    async [Symbol.asyncDispose]() {
      await gateway.close();
      await pipeline?.[Symbol.asyncDispose]();
      await log.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function readerOf(profiles: ReadonlyMap<string, Uint8Array>): StateReader {
  const tick = Date.UTC(2026, 0, 31, 12);
  return {
    ready: true,
    tick,
    read: (key) => ({
      value: profiles.get(key) ?? null,
      marker: null,
      partition: partitionOf(Buffer.from(key), PARTITIONS),
      position: profiles.size,
      tick,
    }),
  };
}

function batchesOf<T extends { readonly customerId: string }>(
  topic: string,
  encode: (record: T) => Uint8Array,
  records: readonly T[],
): PartitionBatch[] {
  const byPartition = Map.groupBy(records, (record) => partitionOf(Buffer.from(record.customerId), PARTITIONS));
  return [...byPartition].map(([partition, own]) => ({
    topic,
    partition,
    records: own.map((record) => ({ key: Buffer.from(record.customerId), value: encode(record) })),
  }));
}

/** Waits until the condition holds. @throws Error after `ms` */
export async function until(condition: () => boolean, ms = 10_000): Promise<void> {
  const deadline = performance.now() + ms;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`not within ${ms} ms: ${condition.toString()}`);
    await pause(5);
  }
}

/** The log, but for its appends: what fails, fails at the port. */
export function withAppend(log: EventLog, append: EventLog["append"]): EventLog {
  return { ...delegatesTo(log), append };
}

/** The log, but for what it says of its offsets. */
export function withOffsets(log: EventLog, offsets: EventLog["offsets"]): EventLog {
  return { ...delegatesTo(log), offsets };
}

/** The log, but for its fetches. */
export function withFetch(log: EventLog, fetch: EventLog["fetch"]): EventLog {
  return { ...delegatesTo(log), fetch };
}

function delegatesTo(log: EventLog): EventLog {
  return {
    createTopics: (specs) => log.createTopics(specs),
    topics: () => log.topics(),
    offsets: (topic, partition) => log.offsets(topic, partition),
    fetch: (positions, options) => log.fetch(positions, options),
    append: (batches, options) => log.append(batches, options),
    openWriter: (id) => log.openWriter(id),
    close: () => log.close(),
  };
}

/** As {@link until}, for a condition that has to be asked for. */
export async function untilAsync(condition: () => Promise<boolean>, ms = 10_000): Promise<void> {
  const deadline = performance.now() + ms;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`not within ${ms} ms: ${condition.toString()}`);
    await pause(5);
  }
}

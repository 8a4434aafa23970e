import {
  type Clock,
  type EventLog,
  LogUnavailable,
  OffsetOutOfRange,
  type LogRecord,
  type Position,
} from "@tidemark/streams";
import { RegistryUnavailable, SchemaMissing } from "@tidemark/contracts";
import type { StreamItem } from "./stream-queue.ts";

/** How a topic's records become stream items. */
export interface StreamSource {
  readonly topic: string;
  /** The `event:` of its server-sent events. */
  readonly event: "score" | "tier-change" | "churn-alert";
  /** Whether a newer record of a key takes the place of an older one that a slow client has not read yet. */
  readonly coalesces: boolean;
  /**
   * null leaves the record out (a tombstone, a record that cannot be read).
   * @throws SchemaMissing: {@link load} it, then read again
   */
  read(partition: number, record: LogRecord): StreamItem | null;
  load(schemaId: number): Promise<void>;
}

/** One live client, as the tail sees it. Both calls are synchronous. */
export interface TailListener {
  /** Items of one partition in order; afterwards everything below `offsetNext` has been handed over. */
  onItems(partition: number, items: readonly StreamItem[], offsetNext: number): void;
  /** Records between the listener's place and `offset` are gone from the log. */
  onGone(partition: number, offset: number): void;
}

/** About a millisecond of decoding: queries wait no longer for it. */
const BYTES_MAX_PER_PARTITION = 32 * 1024;
const WAIT_MS_MAX = 1000;
const RETRY_MS_MIN = 100;
const RETRY_MS_MAX = 5000;

/**
 * The one reader of a topic's end for all live clients of its stream. It runs while somebody holds it, and never
 * waits for a client: each has a bounded queue of its own.
 *
 *   idle ──acquire──▶ starting ──end offsets read──▶ following ──last release──▶ idle
 *
 *  T1 `position` only moves in the same synchronous step that hands the items passed to every listener, so whoever
 *     attaches sees exactly the records from `position` on.
 */
export class TopicTail {
  readonly #log: EventLog;
  readonly #clock: Clock;
  readonly #source: StreamSource;
  readonly #partitions: number;
  readonly #onFailure: (error: unknown) => void;
  readonly #listeners = new Set<TailListener>();
  #holders = 0;
  #run: { readonly abort: AbortController; readonly started: Promise<void>; readonly done: Promise<void> } | null =
    null;
  #position: number[] = [];

  constructor(options: {
    readonly log: EventLog;
    readonly clock: Clock;
    readonly source: StreamSource;
    readonly partitions: number;
    /** Told of a log that cannot be read (the tail tries again) and of anything else that stopped it. */
    readonly onFailure: (error: unknown) => void;
  }) {
    this.#log = options.log;
    this.#clock = options.clock;
    this.#source = options.source;
    this.#partitions = options.partitions;
    this.#onFailure = options.onFailure;
  }

  /** Offset of the next record to be handed over, by partition. */
  get position(): readonly number[] {
    return this.#position;
  }

  /** Starts the reader if it is idle and keeps it running until {@link release}. @throws LogUnavailable */
  async acquire(): Promise<void> {
    this.#holders++;
    try {
      this.#run ??= this.#start();
      await this.#run.started;
    } catch (error) {
      this.release();
      throw error;
    }
  }

  release(): void {
    this.#holders--;
    if (this.#holders === 0) this.#stop();
  }

  /** For holders only. T1. */
  attach(listener: TailListener): void {
    this.#listeners.add(listener);
  }

  detach(listener: TailListener): void {
    this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    const run = this.#run;
    this.#stop();
    await run?.done;
  }

  #stop(): void {
    this.#run?.abort.abort();
    this.#run = null;
  }

  #start(): { abort: AbortController; started: Promise<void>; done: Promise<void> } {
    const abort = new AbortController();
    const started = this.#seekEnd();
    const done = started.then(
      () => this.#follow(abort.signal),
      // Whoever acquires is told; the next to come starts anew.
      () => {
        if (this.#run?.abort === abort) this.#run = null;
      },
    );
    return { abort, started, done };
  }

  async #seekEnd(): Promise<void> {
    const ranges = await Promise.all(
      Array.from({ length: this.#partitions }, (_, partition) => this.#log.offsets(this.#source.topic, partition)),
    );
    this.#position = ranges.map((range) => range.end);
  }

  async #follow(signal: AbortSignal): Promise<void> {
    let retryMs = RETRY_MS_MIN;
    let isGone = false;
    while (!signal.aborted) {
      try {
        if (isGone) await this.#skipGone();
        isGone = false;
        await this.#step(signal);
        retryMs = RETRY_MS_MIN;
      } catch (error) {
        if (signal.aborted) return;
        if (error instanceof OffsetOutOfRange) isGone = true;
        else this.#onFailure(error);
        await this.#clock.sleep(retryMs, signal);
        retryMs = Math.min(retryMs * 2, RETRY_MS_MAX);
      }
    }
  }

  async #step(signal: AbortSignal): Promise<void> {
    const positions: Position[] = this.#position.map((offset, partition) => ({
      topic: this.#source.topic,
      partition,
      offset,
    }));
    const slices = await this.#log.fetch(positions, {
      bytesMaxPerPartition: BYTES_MAX_PER_PARTITION,
      waitMsMax: WAIT_MS_MAX,
      signal,
    });
    for (const slice of slices) {
      if (signal.aborted) return;
      if (slice.offsetNext === this.#position[slice.partition]) continue;
      const items = await readItems(this.#source, slice.partition, slice.records);
      // T1: no await from here to the last listener.
      this.#position[slice.partition] = slice.offsetNext;
      for (const listener of this.#listeners) listener.onItems(slice.partition, items, slice.offsetNext);
      // Between slices, so that queries and writes get their turn.
      await this.#clock.yield();
    }
  }

  /** Retention has overtaken the tail: go on with what is left, and say so. */
  async #skipGone(): Promise<void> {
    for (let partition = 0; partition < this.#partitions; partition++) {
      const range = await this.#log.offsets(this.#source.topic, partition);
      const offset = this.#position[partition] ?? 0;
      if (offset >= range.start && offset <= range.end) continue;
      this.#position[partition] = range.start;
      for (const listener of this.#listeners) listener.onGone(partition, range.start);
    }
  }
}

/** The items of some records, leaving out what has none. @throws RegistryUnavailable */
export async function readItems(
  source: StreamSource,
  partition: number,
  records: readonly LogRecord[],
): Promise<StreamItem[]> {
  const items: StreamItem[] = [];
  for (const record of records) {
    const item = await readItem(source, partition, record);
    if (item !== null) items.push(item);
  }
  return items;
}

/** The item of a record; null if it has none. @throws RegistryUnavailable */
export async function readItem(source: StreamSource, partition: number, record: LogRecord): Promise<StreamItem | null> {
  try {
    return source.read(partition, record);
  } catch (error) {
    if (!(error instanceof SchemaMissing)) throw error;
    await source.load(error.id);
    return source.read(partition, record);
  }
}

/** Whether what failed may succeed when tried again. */
export function isPassing(error: unknown): boolean {
  return error instanceof LogUnavailable || error instanceof RegistryUnavailable;
}

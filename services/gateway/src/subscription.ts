import { type Clock, type EventLog, type InTurn, OffsetOutOfRange } from "@tidemark/streams";
import { newestItems } from "./newest-items.ts";
import { formatPosition, type StreamPosition } from "./stream-position.ts";
import { type QueuePolicy, type StreamItem, StreamQueue } from "./stream-queue.ts";
import { isPassing, readItems, type StreamSource, type TailListener, type TopicTail } from "./topic-tail.ts";

/** Where one client's events go; the framing is the transport's. */
export interface EventSink {
  /** Resolves once the transport takes more. May stay pending for ever after the connection has closed. */
  send(message: EventMessage): Promise<void>;
  /** A comment line, which keeps proxies and clients from giving the connection up. */
  comment(text: string): void;
  /** Ends the connection at once, whatever has not been written. */
  cut(): void;
}

export interface EventMessage {
  readonly id: string;
  readonly event?: string;
  /** JSON; undefined sends the id alone, which moves the client's place and shows it nothing. */
  readonly data: string | undefined;
}

export interface SubscriptionOptions {
  readonly log: EventLog;
  readonly clock: Clock;
  readonly source: StreamSource;
  readonly tail: TopicTail;
  readonly sink: EventSink;
  /** Where to go on; null = from now. */
  readonly from: StreamPosition | null;
  /** From now: after so many of the newest events; 0 = none. */
  readonly newestMax: number;
  readonly wants: (item: StreamItem) => boolean;
  /** Send at most so many events a second, the newest ones; null = follow every event. */
  readonly perSecondMax: number | null;
  readonly queueBytesMax: number;
  /** A client that has taken nothing for so long is cut off. */
  readonly stallMsMax: number;
  /** Told of what ended the subscription after the first event. */
  readonly onFailure: (error: unknown) => void;
  /** Runs one read of the log for catching up at a time, over all clients of the stream. */
  readonly inTurn: InTurn;
}

const CATCH_UP_BYTES_MAX = 32 * 1024;
const RETRY_MS_MIN = 100;
const RETRY_MS_MAX = 5000;
const BURSTS_PER_SECOND = 4;

/**
 * One client of a live stream: catches up from the log, then joins the shared tail.
 *
 *   seeking ──place known──▶ sent the newest ──all sent──▶ catching up ──place of the tail reached──▶ live
 *      any ──left, fell behind, stop──▶ ended
 *
 *  U1 The id sent with an event is a place behind it: every earlier record that the client wants was sent before, or
 *     left out by the rule of its queue (Q3) or of the newest (N1). Resuming there repeats and misses nothing.
 *  U2 While catching up, the client sets the pace. Once live, a full queue cuts it off: it may resume by its id.
 *  U3 `#handed` is the place up to which records went into the queue, `#sent` the one up to which they left it:
 *     equal while the queue is empty. The newest are sent past the queue, so nothing is handed until they are.
 */
export class Subscription implements TailListener {
  readonly #options: SubscriptionOptions;
  readonly #queue: StreamQueue;
  readonly #abort = new AbortController();
  readonly #ended = Promise.withResolvers<void>();
  #handed: number[] = [];
  #sent: number[] = [];
  #newest: readonly StreamItem[] = [];
  #idSent: string | null = null;
  #sendingSince: number | null = null;
  #holdsTail = false;

  constructor(options: SubscriptionOptions) {
    this.#options = options;
    this.#queue = new StreamQueue(policyOf(options), options.queueBytesMax);
  }

  /**
   * Serves the client until it leaves, falls behind, or {@link stop} is called.
   * @throws LogUnavailable, RegistryUnavailable only before anything was sent
   */
  async run(): Promise<void> {
    await this.#options.tail.acquire();
    this.#holdsTail = true;
    try {
      await this.#seek();
      // Not awaited to its end: a transport that has closed may leave a send pending for ever.
      this.#deliver().catch((error: unknown) => this.#fail(error));
      await this.#ended.promise;
    } catch (error) {
      // Who has left meanwhile is told nothing, and nothing has failed.
      if (!this.#abort.signal.aborted) throw error;
    } finally {
      this.stop();
    }
  }

  /** Ends the subscription; idempotent. */
  stop(): void {
    this.#abort.abort();
    this.#options.tail.detach(this);
    this.#queue.clear();
    this.#ended.resolve();
    if (this.#holdsTail) this.#options.tail.release();
    this.#holdsTail = false;
  }

  onItems(partition: number, items: readonly StreamItem[], offsetNext: number): void {
    const from = this.#handed[partition] ?? 0;
    for (const item of items) {
      // A client that resumed may be ahead of the tail.
      if (item.offset < from || !this.#options.wants(item)) continue;
      if (!this.#queue.offer(item)) {
        this.#cut();
        return;
      }
    }
    this.#hand(partition, Math.max(from, offsetNext));
  }

  onGone(): void {
    // It comes back with its id and is told then.
    this.stop();
  }

  /** To be called now and then: a sign of life to the client, or the end of one that takes nothing. */
  heartbeat(): void {
    if (this.#idSent === null || this.#abort.signal.aborted) return;
    if (this.#sendingSince !== null) {
      if (this.#options.clock.monotonic() - this.#sendingSince > this.#options.stallMsMax) this.#cut();
      return;
    }
    this.#options.sink.comment("heartbeat");
    // The place of a client whose filter lets nothing through moves on too, else it would have to catch up for long.
    const id = formatPosition(this.#sent);
    if (id === this.#idSent) return;
    this.#idSent = id;
    this.#options.sink.send({ id, data: undefined }).catch((error: unknown) => this.#fail(error));
  }

  async #seek(): Promise<void> {
    const { from, tail, newestMax } = this.#options;
    if (from === null && newestMax > 0) {
      await this.#seekNewest();
      return;
    }
    if (from === null) {
      this.#handed = [...tail.position];
      this.#sent = [...tail.position];
      // In the same step, so that the client's place is the tail's: T1.
      tail.attach(this);
      await this.#send(undefined, undefined);
      return;
    }
    const kept = await this.#nearestKept(from);
    const isReset = kept.some((offset, partition) => offset !== from[partition]);
    this.#handed = [...kept];
    this.#sent = [...kept];
    await (isReset ? this.#send("reset", RESET_DATA) : this.#send(undefined, undefined));
  }

  async #seekNewest(): Promise<void> {
    const { tail, newestMax } = this.#options;
    const ends = [...tail.position];
    const { signal } = this.#abort;
    this.#newest = await newestItems({ ...this.#options, ends, countMax: newestMax, signal });
    if (signal.aborted) return;
    this.#handed = [...ends];
    this.#sent = [...ends];
    for (const { partition, offset } of this.#newest.toReversed()) this.#sent[partition] = offset;
    await this.#send(undefined, undefined);
  }

  /** The place itself, with partitions moved to their oldest record where the log no longer (or not yet) reaches it. */
  async #nearestKept(from: StreamPosition): Promise<number[]> {
    const { log, source } = this.#options;
    return Promise.all(
      from.map(async (offset, partition) => {
        const range = await log.offsets(source.topic, partition);
        return offset >= range.start && offset <= range.end ? offset : range.start;
      }),
    );
  }

  async #deliver(): Promise<void> {
    const { source } = this.#options;
    for (const item of this.#newest) {
      if (this.#abort.signal.aborted) return;
      this.#sent[item.partition] = item.offset + 1;
      if (item === this.#newest.at(-1)) this.#sent = [...this.#handed]; // U3
      await this.#send(source.event, item.data);
    }
    this.#newest = [];
    await Promise.all([this.#pump(), this.#join()]);
  }

  async #join(): Promise<void> {
    const { log, clock, source, tail, inTurn } = this.#options;
    let retryMs = RETRY_MS_MIN;
    while (!this.#abort.signal.aborted) {
      const partition = this.#handed.findIndex((offset, index) => offset < (tail.position[index] ?? 0));
      if (partition < 0) {
        tail.attach(this);
        return;
      }
      await this.#queue.drained();
      try {
        const position = { topic: source.topic, partition, offset: this.#handed[partition] ?? 0 };
        const fetching = { bytesMaxPerPartition: CATCH_UP_BYTES_MAX, waitMsMax: 0, signal: this.#abort.signal };
        const [slice] = await inTurn(() => log.fetch([position], fetching));
        if (slice === undefined) continue;
        const items = await readItems(source, partition, slice.records);
        if (this.#abort.signal.aborted) return;
        retryMs = RETRY_MS_MIN;
        for (const item of items) {
          if (this.#options.wants(item)) this.#queue.add(item);
        }
        this.#hand(partition, slice.offsetNext);
        await clock.yield();
      } catch (error) {
        if (this.#abort.signal.aborted) return;
        if (error instanceof OffsetOutOfRange) return this.stop();
        if (!isPassing(error)) throw error;
        await clock.sleep(retryMs, this.#abort.signal);
        retryMs = Math.min(retryMs * 2, RETRY_MS_MAX);
      }
    }
  }

  #hand(partition: number, offsetNext: number): void {
    this.#handed[partition] = offsetNext;
    if (this.#queue.length === 0) this.#sent[partition] = offsetNext;
  }

  async #pump(): Promise<void> {
    const { clock, source, perSecondMax } = this.#options;
    const burst = perSecondMax === null ? Infinity : Math.ceil(perSecondMax / BURSTS_PER_SECOND);
    let left = burst;
    while (!this.#abort.signal.aborted) {
      const item = this.#queue.shift();
      if (item === undefined) {
        await this.#queue.filled();
        continue;
      }
      this.#sent[item.partition] = item.offset + 1;
      if (this.#queue.length === 0) this.#sent = [...this.#handed]; // U3
      await this.#send(source.event, item.data);
      if (--left > 0) continue;
      left = burst;
      await clock.sleep(1000 / BURSTS_PER_SECOND, this.#abort.signal);
    }
  }

  async #send(event: string | undefined, data: string | undefined): Promise<void> {
    const id = formatPosition(this.#sent);
    this.#idSent = id;
    this.#sendingSince = this.#options.clock.monotonic();
    await this.#options.sink.send(event === undefined ? { id, data } : { id, event, data });
    this.#sendingSince = null;
  }

  /** The client comes back by its id. */
  #fail(error: unknown): void {
    if (this.#abort.signal.aborted) return;
    this.#options.onFailure(error);
    this.stop();
  }

  #cut(): void {
    this.stop();
    this.#options.sink.cut();
  }
}

/** The client's place is no longer in the log: what it builds from the stream should be built anew. */
const RESET_DATA = JSON.stringify({ code: "POSITION_GONE" });

function policyOf(options: SubscriptionOptions): QueuePolicy {
  if (options.perSecondMax !== null) return { kind: "newest", itemsMax: options.perSecondMax };
  return { kind: options.source.coalesces ? "newest-per-key" : "keep-all" };
}

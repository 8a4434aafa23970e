import { type Clock, type EventLog, type InTurn, oneAtATime } from "@tidemark/streams";
import { Problem } from "./problem.ts";
import type { StreamPosition } from "./stream-position.ts";
import type { StreamItem } from "./stream-queue.ts";
import { type EventSink, Subscription } from "./subscription.ts";
import { type StreamSource, TopicTail } from "./topic-tail.ts";

export interface LiveStreamsOptions {
  readonly log: EventLog;
  readonly clock: Clock;
  readonly partitions: number;
  readonly sources: readonly StreamSource[];
  readonly limits: StreamLimits;
  readonly onFailure: (error: unknown) => void;
}

/** Bounds of the live streams of one gateway. */
export interface StreamLimits {
  /** Clients over all streams; the next one is answered 503. */
  readonly clientsMax: number;
  /** What may wait for one client, bytes, before it is cut off. */
  readonly queueBytesMax: number;
  /** A client that has taken nothing for so long is cut off, ms. */
  readonly stallMsMax: number;
  /** Between two comments on an otherwise silent connection, ms. */
  readonly heartbeatMs: number;
}

export const STREAM_LIMITS: StreamLimits = {
  clientsMax: 200,
  queueBytesMax: 4 * 1024 * 1024,
  stallMsMax: 60_000,
  heartbeatMs: 15_000,
};

/** What a client asks for. */
export interface StreamRequest {
  readonly event: StreamSource["event"];
  readonly from: StreamPosition | null;
  /** Where `from` is null: begin with so many of the newest events. */
  readonly newestMax: number;
  readonly tier: string | null;
  readonly segment: string | null;
  readonly perSecondMax: number | null;
}

interface Channel {
  readonly source: StreamSource;
  readonly tail: TopicTail;
  readonly inTurn: InTurn;
}

/** All live streams of a gateway: a shared tail for each topic, the clients and their heartbeats. */
export class LiveStreams {
  readonly #options: LiveStreamsOptions;
  readonly #channels: ReadonlyMap<string, Channel>;
  readonly #clients = new Set<Subscription>();
  readonly #abort = new AbortController();
  readonly #beating: Promise<void>;

  constructor(options: LiveStreamsOptions) {
    this.#options = options;
    const { log, clock, partitions, onFailure } = options;
    this.#channels = new Map(
      options.sources.map((source) => [
        source.event,
        { source, tail: new TopicTail({ log, clock, source, partitions, onFailure }), inTurn: oneAtATime() },
      ]),
    );
    this.#beating = this.#beat();
  }

  /**
   * Serves one client until it ends; `opened` hears of its subscription before anything is sent.
   * @throws Problem 503 if there are too many, LogUnavailable
   */
  async serve(request: StreamRequest, sink: EventSink, opened: (client: Subscription) => void): Promise<void> {
    const channel = this.#channels.get(request.event);
    if (channel === undefined || this.#abort.signal.aborted) {
      throw new Problem(503, "STREAM_CLOSED", "The server is shutting down.", { retryAfterSeconds: 1 });
    }
    if (this.#clients.size >= this.#options.limits.clientsMax) {
      throw new Problem(503, "STREAMS_FULL", "As many clients as the server takes follow its streams already.", {
        retryAfterSeconds: 10,
      });
    }
    const client = new Subscription({
      log: this.#options.log,
      clock: this.#options.clock,
      source: channel.source,
      tail: channel.tail,
      sink,
      from: request.from,
      newestMax: request.newestMax,
      wants: filterOf(request),
      perSecondMax: request.perSecondMax,
      queueBytesMax: this.#options.limits.queueBytesMax,
      stallMsMax: this.#options.limits.stallMsMax,
      inTurn: channel.inTurn,
      onFailure: this.#options.onFailure,
    });
    this.#clients.add(client);
    try {
      opened(client);
      await client.run();
    } finally {
      this.#clients.delete(client);
    }
  }

  get clients(): number {
    return this.#clients.size;
  }

  /** Ends every stream; idempotent. */
  async close(): Promise<void> {
    this.#abort.abort();
    for (const client of this.#clients) client.stop();
    await Promise.all([...this.#channels.values()].map((channel) => channel.tail.close()));
    await this.#beating;
  }

  async #beat(): Promise<void> {
    while (!this.#abort.signal.aborted) {
      await this.#options.clock.sleep(this.#options.limits.heartbeatMs, this.#abort.signal);
      for (const client of this.#clients) client.heartbeat();
    }
  }
}

function filterOf(request: StreamRequest): (item: StreamItem) => boolean {
  const { tier, segment } = request;
  return (item) => (tier === null || item.tier === tier) && (segment === null || item.segment === segment);
}

import type { MessagePort } from "node:worker_threads";
import type { Appended, EventLog, FetchOptions, OffsetRange, Position, TopicSpec } from "@tidemark/streams";
import { CommitUnknown, LogUnavailable, revivedError } from "@tidemark/streams";
import type { EncodedPart } from "./encoded-part.ts";
import type { EncodedSlice, LogCore, WriterEpoch } from "./log-core.ts";
import { logFront } from "./log-front.ts";
import type { Answer, CallKind, Calls, Request, ToLog } from "./port-messages.ts";

/**
 * An EventLog over a port that `shareLog` made; closing it closes the port, never the log. The port keeps this
 * thread alive while a call is under way, and no longer.
 */
export function connectLog(port: MessagePort): EventLog {
  return logFront(new PortCore(port));
}

/** The core of a log in another thread: each call is one request, answered once, or rejected when the port closes. */
class PortCore implements LogCore {
  readonly #port: MessagePort;
  readonly #waiting = new Map<number, Waiting>();
  #idLast = 0;
  #gone = false;
  #closed: Promise<void> | null = null;

  constructor(port: MessagePort) {
    this.#port = port;
    port.on("message", (answer: Answer) => this.#take(answer));
    port.on("close", () => this.#lose());
    port.unref();
  }

  createTopics(specs: readonly TopicSpec[]): Promise<void> {
    return this.#ask("createTopics", specs).answer;
  }

  topics(): Promise<readonly TopicSpec[]> {
    return this.#ask("topics", null).answer;
  }

  offsets(topic: string, partition: number): Promise<OffsetRange> {
    return this.#ask("offsets", { topic, partition }).answer;
  }

  async fetch(positions: readonly Position[], options: FetchOptions): Promise<readonly EncodedSlice[]> {
    const { bytesMaxPerPartition, signal } = options;
    const waitMsMax = signal.aborted ? 0 : options.waitMsMax;
    const { id, answer } = this.#ask("fetch", { positions, bytesMaxPerPartition, waitMsMax });
    const cancel = (): void => this.#tell({ kind: "cancelFetch", id });
    signal.addEventListener("abort", cancel);
    try {
      return await answer;
    } finally {
      signal.removeEventListener("abort", cancel);
    }
  }

  append(parts: readonly EncodedPart[], after: number): Promise<Appended> {
    return this.#ask("append", { parts, after }, buffersOf(parts)).answer;
  }

  openWriter(id: string): Promise<WriterEpoch> {
    return this.#ask("openWriter", { id }).answer;
  }

  commit(writer: WriterEpoch, parts: readonly EncodedPart[]): Promise<Appended> {
    return this.#ask("commit", { writer, parts }, buffersOf(parts)).answer;
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  /** What is being written is waited for; fetches are not. */
  async #close(): Promise<void> {
    this.#gone = true;
    for (const [id, { kind, reject }] of this.#waiting) {
      if (kind !== "fetch") continue;
      this.#settled(id);
      reject(new LogUnavailable(CLOSED));
    }
    await Promise.allSettled([...this.#waiting.values()].map(({ answer }) => answer));
    this.#port.close();
  }

  #ask<Kind extends CallKind>(kind: Kind, ask: Calls[Kind]["ask"], transfer: readonly ArrayBuffer[] = []): Asked<Kind> {
    const id = (this.#idLast += 1);
    if (this.#gone) return { id, answer: Promise.reject(new LogUnavailable(CLOSED)) };
    this.#tell({ kind, id, ask } as Request, transfer);
    const { promise: answer, resolve, reject } = Promise.withResolvers<Calls[Kind]["answer"]>();
    if (this.#waiting.size === 0) this.#port.ref();
    this.#waiting.set(id, { kind, answer, resolve, reject });
    return { id, answer };
  }

  #tell(message: ToLog, transfer: readonly ArrayBuffer[] = []): void {
    this.#port.postMessage(message, transfer);
  }

  #take(message: Answer): void {
    const waiting = this.#settled(message.id);
    if (waiting === undefined) return;
    if ("error" in message) waiting.reject(revivedError(message.error));
    else waiting.resolve(message.answer as never);
  }

  #settled(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    if (waiting !== undefined && this.#waiting.delete(id) && this.#waiting.size === 0) this.#port.unref();
    return waiting;
  }

  /** Nothing will be answered any more: of a commit nobody here knows whether it was written. */
  #lose(): void {
    this.#gone = true;
    for (const [id, { kind, reject }] of this.#waiting) {
      this.#settled(id);
      const Unanswered = kind === "commit" ? CommitUnknown : LogUnavailable;
      reject(new Unanswered("the port to the log was closed before it answered"));
    }
  }
}

const CLOSED = "the log is closed";

interface Asked<Kind extends CallKind> {
  readonly id: number;
  readonly answer: Promise<Calls[Kind]["answer"]>;
}

interface Waiting {
  readonly kind: CallKind;
  readonly answer: Promise<unknown>;
  readonly resolve: (answer: never) => void;
  readonly reject: (error: unknown) => void;
}

/** Each is on one of its own. */
function buffersOf(parts: readonly EncodedPart[]): readonly ArrayBuffer[] {
  return parts.map(({ framed }) => framed.buffer as ArrayBuffer);
}

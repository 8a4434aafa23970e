import { MessageChannel, type MessagePort } from "node:worker_threads";
import { carryError } from "@tidemark/streams";
import type { EncodedSlice, LogCore } from "./log-core.ts";
import type { EmbeddedLog } from "./open-embedded-log.ts";
import { ownViews } from "./own-views.ts";
import type { Answer, Calls, CallKind, FetchAsk, Request, ToLog } from "./port-messages.ts";

/**
 * Opens a way into the log for another thread: transfer the port to it and `connectLog` it there. Closing the port
 * there, or the end of the thread, ends every fetch and writer opened over it; a commit under way may still be
 * written. This end of the port keeps no event loop alive.
 */
export function shareLog(log: EmbeddedLog): MessagePort {
  const { port1, port2 } = new MessageChannel();
  serveLog(log, port1);
  return port2;
}

/** Serves who connects the log at the other end of a port: what {@link shareLog} does with one of its own. */
export function serveLog(log: EmbeddedLog, port: MessagePort): void {
  new PortServer(log.core, port).listen();
}

/** Does for one client what arrives on its port. It holds no queue: the client's requests are under way at once. */
class PortServer {
  readonly #core: LogCore;
  readonly #port: MessagePort;
  readonly #fetches = new Map<number, AbortController>();

  constructor(core: LogCore, port: MessagePort) {
    this.#core = core;
    this.#port = port;
  }

  listen(): void {
    this.#port.on("message", (message: ToLog) => this.#take(message));
    this.#port.on("close", () => this.#close());
    this.#port.unref();
  }

  #take(message: ToLog): void {
    if (message.kind === "cancelFetch") this.#fetches.get(message.id)?.abort();
    else void this.#serve(message);
  }

  /** Rejects only where an error cannot be cloned, and nobody catches that. */
  async #serve(request: Request): Promise<void> {
    const { id } = request;
    try {
      const { answer, transfer } = await this.#call(request);
      this.#post({ id, answer }, transfer);
    } catch (error) {
      this.#post({ id, error: carryError(error) }, []);
    }
  }

  async #call(request: Request): Promise<Reply> {
    switch (request.kind) {
      case "createTopics":
        return plain(await this.#core.createTopics(request.ask));
      case "topics":
        return plain(await this.#core.topics());
      case "offsets":
        return plain(await this.#core.offsets(request.ask.topic, request.ask.partition));
      case "fetch":
        return ownSlices(await this.#fetch(request.id, request.ask));
      case "append":
        return plain(await this.#core.append(request.ask.parts, request.ask.after));
      case "openWriter":
        return plain(await this.#core.openWriter(request.ask.id));
      default:
        return plain(await this.#core.commit(request.ask.writer, request.ask.parts));
    }
  }

  async #fetch(id: number, { positions, bytesMaxPerPartition, waitMsMax }: FetchAsk): Promise<readonly EncodedSlice[]> {
    const cancelling = new AbortController();
    this.#fetches.set(id, cancelling);
    try {
      const { signal } = cancelling;
      return await this.#core.fetch(positions, { bytesMaxPerPartition, waitMsMax, signal });
    } finally {
      this.#fetches.delete(id);
    }
  }

  /** What is still under way goes on to its end; its answer is for nobody. */
  #close(): void {
    for (const cancelling of this.#fetches.values()) cancelling.abort();
  }

  #post(answer: Answer, transfer: readonly ArrayBuffer[]): void {
    this.#port.postMessage(answer, transfer);
  }
}

interface Reply {
  readonly answer: Calls[CallKind]["answer"];
  readonly transfer: readonly ArrayBuffer[];
}

function plain(answer: Reply["answer"]): Reply {
  return { answer, transfer: [] };
}

/**
 * Slices on buffers of their own, to be given away: what they are cut from lies in the cache of the newest batches
 * and is read by others. A buffer a slice, so that the records of one position do not keep those of others.
 */
function ownSlices(slices: readonly EncodedSlice[]): Reply {
  const transfer: ArrayBuffer[] = [];
  const answer = slices.map((slice) => {
    if (slice.cuts.length === 0) return slice;
    const own = ownViews(slice.cuts.map(({ bytes }) => bytes));
    transfer.push(own.buffer);
    return { ...slice, cuts: slice.cuts.map((cut, index) => ({ ...cut, bytes: own.views[index] as Uint8Array })) };
  });
  return { answer, transfer };
}

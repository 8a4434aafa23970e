import { setTimeout as pause } from "node:timers/promises";
import type { ShopEvent } from "./shop-events.ts";

/**
 * A sender that keeps to the contract of `POST /v1/events`: what was not answered is sent again with the same ids, to
 * whichever server answers next, until it is acknowledged.
 */
export interface EventSender {
  /** Calls that ended without an answer: stored or not, nobody knows. */
  readonly inDoubt: number;
  /** From here on calls go to this server. */
  reach(url: string): void;
  /** Resolves after so many more calls were acknowledged. */
  acknowledgements(count: number): Promise<void>;
  /** Makes no more batches; resolves once all that were made are acknowledged. @throws what was wrong with an answer */
  finish(): Promise<void>;
}

const LANES = 3;
const CALL_MS_MAX = 10_000;
const RETRY_MS = 20;

/** @param nextBatch makes a batch; called by one lane at a time */
export function startSender(nextBatch: () => readonly ShopEvent[]): EventSender {
  let server = Promise.withResolvers<string>();
  let answering: string | null = null;
  const finishing = new AbortController();
  let inDoubt = 0;
  const waiting: { count: number; resolve(): void }[] = [];

  async function lane(): Promise<void> {
    while (!finishing.signal.aborted) {
      const batch = nextBatch();
      while (!(await post(await server.promise, batch))) await pause(RETRY_MS);
      for (const waiter of waiting.splice(0)) {
        waiter.count -= 1;
        if (waiter.count === 0) waiter.resolve();
        else waiting.push(waiter);
      }
    }
  }

  async function post(address: string, batch: readonly ShopEvent[]): Promise<boolean> {
    let response: Response;
    try {
      response = await fetch(`${address}/v1/events`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ events: batch }),
        signal: AbortSignal.timeout(CALL_MS_MAX),
      });
      if (response.status !== 503) {
        const body = JSON.stringify(await response.json());
        if (response.status === 202 && body === JSON.stringify({ accepted: batch.length, rejected: [] })) return true;
        throw new AnswerWrong(`${response.status} ${body}`);
      }
    } catch (error) {
      if (error instanceof AnswerWrong) throw error;
      inDoubt += 1;
      if (answering === address) {
        answering = null;
        server = Promise.withResolvers();
      }
    }
    return false;
  }

  const lanes = Promise.all(Array.from({ length: LANES }, lane));
  // Whoever finishes hears it.
  lanes.catch(() => undefined);
  return {
    get inDoubt() {
      return inDoubt;
    },
    reach(url) {
      server.resolve(url);
      server = Promise.withResolvers();
      server.resolve(url);
      answering = url;
    },
    acknowledgements: (count) =>
      Promise.race([
        new Promise<void>((resolve) => {
          waiting.push({ count, resolve });
        }),
        lanes.then(() => undefined),
      ]),
    async finish() {
      finishing.abort();
      await lanes;
    },
  };
}

class AnswerWrong extends Error {}

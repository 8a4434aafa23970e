import type { Clock } from "@tidemark/streams";
import type { Delivery, ShopEvent } from "./shop-event.ts";

export interface FeedOptions {
  readonly deliveries: Iterator<Delivery, unknown, void>;
  /** Its `now()` says which deliveries are due. */
  readonly clock: Clock;
  readonly batchMax: number;
  readonly signal: AbortSignal;
  readonly send: (events: readonly ShopEvent[]) => Promise<void>;
  /** Called after each batch that was sent, with the number of deliveries sent in all. */
  readonly onSent: (delivered: number) => Promise<void>;
}

/** Sends each delivery when it is due by the clock; what is due already, such as a past, goes as fast as it is taken. */
export async function feed(options: FeedOptions): Promise<void> {
  const { deliveries, clock, batchMax, signal, send, onSent } = options;
  let next = deliveries.next();
  let delivered = 0;
  while (!signal.aborted && next.done !== true) {
    const now = clock.now();
    const batch: ShopEvent[] = [];
    while (next.done !== true && batch.length < batchMax && next.value.deliveredAt <= now) {
      batch.push(next.value.event);
      next = deliveries.next();
    }
    if (batch.length > 0) {
      await send(batch);
      delivered += batch.length;
      await onSent(delivered);
    }
    if (batch.length < batchMax && next.done !== true) await clock.sleep(INTERVAL_MS, signal);
  }
}

/** A tenth of a second: a stream to the eye, and few calls. */
const INTERVAL_MS = 100;

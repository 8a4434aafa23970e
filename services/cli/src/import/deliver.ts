import type { ImportItem, ImportTarget } from "@tidemark/gateway";

export interface Delivery {
  readonly target: ImportTarget;
  readonly digest: string;
  /** Whether the sequence can never be longer: the target then takes no more of it. */
  readonly isFinal: boolean;
  readonly signal: AbortSignal;
  readonly onProgress: (itemsDone: number) => void;
}

export interface Delivered {
  /** Purchases stored now. */
  readonly accepted: number;
  /** Purchases an earlier import had stored. */
  readonly duplicate: number;
}

/**
 * Sends items from where an earlier attempt stopped. The sequence is the same at every attempt, so its length so far is
 * all that has to be remembered; what was sent once is counted as duplicate, however long ago.
 * @throws whatever the target rejects with; the signal's reason, between two parts
 */
export async function deliver(blocks: AsyncIterable<readonly ImportItem[]>, delivery: Delivery): Promise<Delivered> {
  const { target, digest, isFinal, signal, onProgress } = delivery;
  const earlier = await target.progress(digest);
  let pending: ImportItem[] = [];
  let index = 0;
  let sent = earlier.itemsDone;
  let accepted = 0;
  let duplicate = 0;

  async function send(complete: boolean): Promise<void> {
    signal.throwIfAborted();
    await target.append({ digest, from: sent, items: pending, complete });
    sent += pending.length;
    accepted += pending.filter((item) => item.type === "purchase").length;
    pending = [];
    onProgress(sent);
  }

  for await (const block of blocks) {
    for (const item of block) {
      if (index < earlier.itemsDone) {
        duplicate += item.type === "purchase" ? 1 : 0;
      } else {
        if (pending.length === PART_ITEMS_MAX) await send(false);
        pending.push(item);
      }
      index += 1;
    }
    signal.throwIfAborted();
  }
  if (pending.length > 0 || (isFinal && !earlier.complete)) await send(isFinal);
  return { accepted, duplicate };
}

/** One part is one durable append. */
export const PART_ITEMS_MAX = 5000;

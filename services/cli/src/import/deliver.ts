import type { ImportItem } from "./import-items.ts";

/** Where items go: the log of this process, or a running server. */
export interface ImportTarget {
  progress(digest: string): Promise<{ readonly itemsDone: number; readonly complete: boolean }>;
  /** Stores items `from`, `from + 1`, … and how far the import got as one; refuses unless `from` is how far it got. */
  append(part: ImportPart): Promise<void>;
}

export interface ImportPart {
  readonly digest: string;
  /** Index of the first item in the whole sequence. */
  readonly from: number;
  readonly items: readonly ImportItem[];
  readonly complete: boolean;
}

export interface Delivery {
  readonly target: ImportTarget;
  readonly digest: string;
  /** Whether these are all items the file will ever have. */
  readonly isWhole: boolean;
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
  const { target, digest, isWhole, signal, onProgress } = delivery;
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
  if (pending.length > 0 || (isWhole && !earlier.complete)) await send(isWhole);
  return { accepted, duplicate };
}

/** One part is one durable append. */
export const PART_ITEMS_MAX = 5000;

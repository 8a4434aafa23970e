/**
 * What waits to be written to one client of a live stream. Owns the order and the bound, not the socket.
 *
 *  Q1 Items leave in the order they came; per partition their offsets rise, so that the position after any item is a
 *     place to resume from.
 *  Q2 `offer` answers false once `bytes` has passed `bytesMax`: the client is to be cut off. `add` is for a producer that
 *     waits for the queue to empty and hands over a bounded piece at a time.
 *  Q3 Under "keep-all" nothing is ever left out. Under "newest-per-key", once the queue has grown to a quarter of its
 *     bound by offers, an item is left out if a later one of the same key waits too. Under "newest", the oldest items
 *     are left out beyond `itemsMax`: for those who want to watch, not to follow.
 */
export interface StreamItem {
  readonly partition: number;
  readonly offset: number;
  readonly key: string;
  readonly tier: string | null;
  readonly segment: string | null;
  /** The JSON body, made once for all clients. */
  readonly data: string;
}

export type QueuePolicy =
  | { readonly kind: "keep-all" }
  | { readonly kind: "newest-per-key" }
  | { readonly kind: "newest"; readonly itemsMax: number };

export class StreamQueue {
  readonly #policy: QueuePolicy;
  readonly #bytesMax: number;
  #items: StreamItem[] = [];
  #head = 0;
  #bytes = 0;
  #coalesceAtBytes: number;
  #wake: (() => void) | null = null;
  #drained: (() => void) | null = null;

  constructor(policy: QueuePolicy, bytesMax: number) {
    this.#policy = policy;
    this.#bytesMax = bytesMax;
    this.#coalesceAtBytes = bytesMax / 4;
  }

  get length(): number {
    return this.#items.length - this.#head;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Q2. */
  add(item: StreamItem): void {
    this.#items.push(item);
    this.#bytes += costOf(item);
    if (this.#policy.kind === "newest") {
      while (this.length > this.#policy.itemsMax) this.shift();
    }
    this.#wakeUp();
  }

  /** @returns false if the bound is passed: Q2. */
  offer(item: StreamItem): boolean {
    this.add(item);
    if (this.#policy.kind === "newest-per-key" && this.#bytes > this.#coalesceAtBytes) this.#coalesce();
    return this.#bytes <= this.#bytesMax;
  }

  shift(): StreamItem | undefined {
    const item = this.#items[this.#head];
    if (item === undefined) return undefined;
    this.#head++;
    this.#bytes -= costOf(item);
    if (this.#head === this.#items.length) {
      this.#items = [];
      this.#head = 0;
      this.#coalesceAtBytes = this.#bytesMax / 4;
      this.#drained?.();
      this.#drained = null;
    } else if (this.#head > 1024 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }

  /** Resolves once something may wait (or the queue was cleared); for the one consumer. */
  filled(): Promise<void> {
    if (this.length > 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  /** Resolves once nothing waits; for the one producer. */
  drained(): Promise<void> {
    if (this.length === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#drained = resolve;
    });
  }

  /** Drops everything and lets go whoever waits: the client has left. */
  clear(): void {
    this.#items = [];
    this.#head = 0;
    this.#bytes = 0;
    this.#wakeUp();
    this.#drained?.();
    this.#drained = null;
  }

  #wakeUp(): void {
    this.#wake?.();
    this.#wake = null;
  }

  /** Q3. The next run waits until the queue has doubled, or is full, so that an item's cost stays small. */
  #coalesce(): void {
    const newest = new Map<string, StreamItem>();
    for (let index = this.#head; index < this.#items.length; index++) {
      const item = this.#items[index];
      if (item === undefined) continue;
      // Deleted first, so that the map's order is that of the items kept: Q1.
      newest.delete(item.key);
      newest.set(item.key, item);
    }
    this.#items = [...newest.values()];
    this.#head = 0;
    this.#bytes = this.#items.reduce((sum, item) => sum + costOf(item), 0);
    this.#coalesceAtBytes = Math.min(this.#bytesMax, Math.max(this.#bytesMax / 4, this.#bytes * 2));
  }
}

/** UTF-16 units of the body, near enough to its bytes, and something for the object around it. */
function costOf(item: StreamItem): number {
  return item.data.length + 64;
}

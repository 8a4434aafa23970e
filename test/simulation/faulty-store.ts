import type { StateStore, StoreChange } from "@tidemark/streams";
import type { Process, Scheduler } from "./scheduler.ts";

/**
 * A disk with a page cache: what was not synced survives the death of a process and not a power loss, which keeps
 * any part of the unsynced writes (LevelDB's log may lose its tail or, with a torn block, something in the middle).
 */
export class FaultyDisk {
  readonly #store: StateStore;
  /** What was written since the last sync, in order. */
  #unsynced: StoreChange[] = [];
  /** What the last sync left of the rows written since. */
  readonly #synced = new Map<string, Uint8Array | null>();

  constructor(store: StateStore) {
    this.#store = store;
  }

  /** The store as one process sees it. */
  open(process: Process, scheduler: Scheduler): StateStore {
    return {
      get: (key) => this.#store.get(key),
      write: async (changes, options) => {
        await scheduler.step(process);
        await this.#write(changes, options.sync);
        await scheduler.step(process);
      },
      scan: async (range) => {
        await scheduler.step(process);
        return this.#store.scan(range);
      },
      purge: async () => {
        await scheduler.step(process);
        await this.#store.purge();
      },
      clear: async () => {
        await scheduler.step(process);
        await this.#store.clear();
        this.#forget();
      },
      reopen: async () => {
        await scheduler.step(process);
        await this.#store.reopen();
      },
      bytes: () => this.#store.bytes(),
      close: () => Promise.resolve(),
    };
  }

  /** Of each row what remains is the newest write that was not lost. */
  async powerLoss({ random }: Scheduler): Promise<void> {
    const lossChance = random.pick(LOSS_CHANCES);
    const left = new Map(this.#synced);
    for (const { key, value } of this.#unsynced) {
      if (!random.chance(lossChance)) left.set(key, value);
    }
    this.#forget();
    await this.#store.write(
      [...left].map(([key, value]) => ({ key, value })),
      { sync: true },
    );
  }

  async #write(changes: readonly StoreChange[], sync: boolean): Promise<void> {
    for (const { key } of changes) {
      if (!this.#synced.has(key)) this.#synced.set(key, this.#store.get(key) ?? null);
    }
    this.#unsynced.push(...changes);
    await this.#store.write(changes, { sync });
    if (sync) this.#forget();
  }

  #forget(): void {
    this.#unsynced = [];
    this.#synced.clear();
  }
}

/** A few rows, or most of them. */
const LOSS_CHANCES = [0.1, 0.5];

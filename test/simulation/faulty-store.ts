import type { StateStore, StoreChange } from "@tidemark/streams";
import type { Process, Scheduler } from "./scheduler.ts";

/**
 * A disk with a page cache: what was not synced survives the death of a process and not a power loss, which keeps
 * any part of the unsynced writes (LevelDB's log may lose its tail or, with a torn block, something in the middle).
 */
export class FaultyDisk {
  readonly #store: StateStore;
  #unsynced: { readonly key: string; readonly before: Uint8Array | null }[] = [];

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
      clear: async () => {
        await scheduler.step(process);
        await this.#store.clear();
        this.#unsynced = [];
      },
      bytes: () => this.#store.bytes(),
      close: () => Promise.resolve(),
    };
  }

  async powerLoss(scheduler: Scheduler): Promise<void> {
    const lost = this.#unsynced.filter(() => scheduler.random.chance(0.5)).reverse();
    this.#unsynced = [];
    await this.#store.write(
      lost.map(({ key, before }) => ({ key, value: before })),
      { sync: true },
    );
  }

  async #write(changes: readonly StoreChange[], sync: boolean): Promise<void> {
    for (const { key } of changes) this.#unsynced.push({ key, before: this.#store.get(key) ?? null });
    await this.#store.write(changes, { sync });
    if (sync) this.#unsynced = [];
  }
}

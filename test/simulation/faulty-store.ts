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

  /** The store as one process sees it. @param room asked at each write and whenever it is opened again */
  open(process: Process, scheduler: Scheduler, room: () => Room = () => "enough"): StateStore {
    let failed = false;
    return {
      get: (key) => this.#store.get(key),
      write: async (changes, options) => {
        await scheduler.step(process);
        const left = failed ? "none" : room();
        if (left !== "none") await this.#write(changes, options.sync && left === "enough");
        await scheduler.step(process);
        failed = left !== "enough";
        if (failed) throw noRoom();
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
        failed = false;
      },
      reopen: async () => {
        await scheduler.step(process);
        if (room() !== "enough") throw noRoom();
        await this.#store.reopen();
        failed = false;
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

/** What a write finds on the disk: "enough, and told none" has it there, and says that it has not. */
export type Room = "enough" | "none" | "enough, and told none";

function noRoom(): Error {
  return Object.assign(new Error("no space"), { code: "STORE_UNAVAILABLE" });
}

/** A few rows, or most of them. */
const LOSS_CHANCES = [0.1, 0.5];

import type { StateStore, StoreChange, StoreEntry, StoreRange, StoreWriteOptions } from "@tidemark/streams";
import { assert, oneAtATime, StateCorrupted, StoreUnavailable } from "@tidemark/streams";
import type { AbstractLevel } from "abstract-level";
import { bytesOf, dropDiagnostics, isHalfWiped, syncWrites, wipe } from "./level-files.ts";
import { codeOf, levelOn, openLevel } from "./open-level.ts";

/** A Level with `keyEncoding: "utf8"` and `valueEncoding: "buffer"`. */
export type LevelInstance = AbstractLevel<string | Buffer | Uint8Array>;

/** A directory of this store's own, or a Level to use instead: the store opens and closes it. */
export type LevelStoreOptions = StoreDirectory | { readonly level: LevelInstance };

export interface StoreDirectory {
  readonly directory: string;
  /** With how many, itself included, it shares the memory for what is written; left out: with no other. */
  readonly stores?: number;
  /**
   * Whether another thread of this process may open it too, default not. Who opens it first lends the others its caches, so that it is to
   * close it last; and as long as another has it open it can neither be emptied nor wiped, and opening it again opens nothing.
   */
  readonly shared?: boolean;
  /** Left out: itself. */
  readonly owner?: StoreOwner;
}

/** Who has a store open as long as anybody does: only it can do what needs the files closed by all. Asked by one that has closed it. */
export interface StoreOwner {
  /** Takes its files away. */
  wipe(directory: string): Promise<void>;
  /** Closes its files and opens them again. */
  reopen(): Promise<void>;
}

const ITSELF: StoreOwner = { wipe, reopen: () => Promise.resolve() };

/**
 * Opens the store, or creates it where there is none.
 * @throws DirectoryLocked; StateCorrupted: what is no mere copy must not be wiped; StoreUnavailable
 */
export async function openLevelStore(options: LevelStoreOptions): Promise<StateStore> {
  const directory = "directory" in options ? options.directory : null;
  requireWhole(directory); // Before there is a Level: it opens by itself.
  const level = "level" in options ? options.level : levelOn(options);
  assert(level.keyEncoding().commonName === "utf8", "the Level of a store has keys in UTF-8");
  assert(level.valueEncoding().commonName === "buffer", "the Level of a store has buffers for values");
  await openLevel(level, directory ?? IN_MEMORY);
  return new LevelStore(level as unknown as ValueLevel, directory, "directory" in options ? options.owner : undefined);
}

/** Of classic-level alone. */
interface Compactable {
  compactRange(start: string, end: string): Promise<void>;
}

/** Before and behind every key that anybody has. */
const FIRST_KEY = "\u0000";
const LAST_KEY = "\u{10FFFF}";
const EMPTY = Buffer.alloc(0);

const IN_MEMORY = "memory";

type ValueLevel = AbstractLevel<string | Buffer | Uint8Array, string, Buffer>;

/**
 * A {@link StateStore} on Level.
 *
 *  V1 Writes are carried out one after the other in the order of the calls (S1).
 *  V2 After a write that failed there is no other before it was opened again (S6): LevelDB may lose what it logs behind a torn record, and
 *     takes nothing more once it could not merge. Opened again it reads its log up to the torn record, which is the one that failed.
 */
class LevelStore implements StateStore {
  readonly #level: ValueLevel;
  /** null in memory. */
  readonly #directory: string | null;
  readonly #owner: StoreOwner;
  readonly #inTurn = oneAtATime(); // V1
  #failed: StoreUnavailable | null = null;
  #closed: Promise<void> | null = null;

  constructor(level: ValueLevel, directory: string | null, owner: StoreOwner = ITSELF) {
    this.#level = level;
    this.#directory = directory;
    this.#owner = owner;
  }

  get(key: string): Uint8Array | undefined {
    try {
      return this.#level.getSync(key);
    } catch (error) {
      throw readError(error);
    }
  }

  /** @throws StoreUnavailable */
  write(changes: readonly StoreChange[], options: StoreWriteOptions): Promise<void> {
    return this.#inTurn(() => this.#write(changes, options));
  }

  async scan({ from, to, limit }: StoreRange): Promise<readonly StoreEntry[]> {
    if (limit <= 0) return [];
    const options = { gte: from, lt: to, limit, highWaterMarkBytes: SCAN_BYTES };
    try {
      const entries = await this.#level.iterator(options).all();
      return entries.map(([key, value]) => ({ key, value }));
    } catch (error) {
      throw readError(error);
    }
  }

  /**
   * Takes the files away rather than the entries: so it works on a damaged store too, and gives the space back.
   * @throws DirectoryLocked if another thread of this process opened it meanwhile: it is that one's now, and this one closed
   */
  clear(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#directory === null) {
        await this.#level.clear();
      } else {
        await this.#level.close();
        await this.#owner.wipe(this.#directory);
        await openLevel(this.#level, this.#directory);
      }
      this.#failed = null;
    });
  }

  /** Writes before it says that it is well: otherwise the next change would be the probe, and a full disk has room for a file, but for no more. */
  reopen(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#closed !== null) throw new StoreUnavailable("the local store is closed");
      await this.#level.close();
      await this.#owner.reopen();
      requireWhole(this.#directory);
      await openLevel(this.#level, this.#directory ?? IN_MEMORY);
      try {
        await this.#level.batch().del(FIRST_KEY).write();
      } catch (error) {
        throw this.#fail("written", error);
      }
      this.#failed = null;
    });
  }

  /**
   * What LevelDB deletes or overwrites stays in its files until they are merged by chance, so here all are. A file by itself is not
   * merged with anything, not even what was in memory until now: once that is a file, entries before and behind all others make
   * another that is merged with all. LevelDB remembers the key up to which it has merged: it is then none of ours.
   */
  purge(): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#directory === null) return;
      if (this.#failed !== null) throw this.#failed; // V2
      try {
        const level = this.#level as unknown as Compactable;
        await level.compactRange(FIRST_KEY, LAST_KEY);
        await this.#level.batch().put(FIRST_KEY, EMPTY).put(LAST_KEY, EMPTY).write();
        await level.compactRange(FIRST_KEY, LAST_KEY);
        await this.#level.batch().del(FIRST_KEY).del(LAST_KEY).write();
        await dropDiagnostics(this.#directory);
      } catch (error) {
        throw this.#fail("purged", error);
      }
    });
  }

  async bytes(): Promise<number> {
    return this.#directory === null ? 0 : bytesOf(this.#directory);
  }

  close(): Promise<void> {
    this.#closed ??= this.#inTurn(() => this.#level.close());
    return this.#closed;
  }

  async #write(changes: readonly StoreChange[], { sync }: StoreWriteOptions): Promise<void> {
    if (this.#failed !== null) throw this.#failed; // V2
    try {
      // A chained batch costs the main thread half of what an array of operations does (measured: 0.5–1 µs a put).
      const batch = this.#level.batch();
      for (const { key, value } of changes) {
        if (value === null) batch.del(key);
        else batch.put(key, value as Buffer);
      }
      await batch.write();
      if (sync && this.#directory !== null) await syncWrites(this.#directory);
    } catch (error) {
      throw this.#fail("written", error);
    }
  }

  #fail(what: "written" | "purged", cause: unknown): StoreUnavailable {
    const place = this.#directory ?? IN_MEMORY;
    this.#failed = new StoreUnavailable(`the store in ${place} cannot be ${what}: make room on its disk`, { cause });
    return this.#failed;
  }
}

/** What a scan copies out of Level in one go. */
const SCAN_BYTES = 256 * 1024;

/** @throws StateCorrupted */
function requireWhole(directory: string | null): void {
  if (directory !== null && isHalfWiped(directory)) {
    throw new StateCorrupted(`the store in ${directory} was being wiped when its process ended: wipe it and restore`);
  }
}

function readError(error: unknown): Error {
  if (codeOf(error) === "LEVEL_CORRUPTION") {
    return new StateCorrupted("the local store is damaged: wipe it and restore", { cause: error });
  }
  return new StoreUnavailable("the local store cannot be read: open it again", { cause: error });
}

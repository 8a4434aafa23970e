import { decodeCheckpoint } from "./checkpoint.ts";
import { markerName } from "./marker-name.ts";
import { partitionOf } from "./partitioner.ts";
import type { StateRead, StateReader } from "./state-reader.ts";
import type { StateStore } from "./state-store.ts";
import { CHECKPOINT_ROW, entryRow, unseal } from "./store-rows.ts";
import type { ViewProgress } from "./view.ts";

/**
 * What queries read: what a {@link View} keeps in a store, and nothing else of it, so that the view may run in another thread. Between
 * two looks at its progress the store may be further: what is read is whole up to the position that is said, and maybe newer.
 */
export class StoredView {
  readonly #options: StoredViewOptions;
  /** As last heard of the view; null = nothing is known, and the store is not touched. */
  progress: ViewProgress | null = null;

  constructor(options: StoredViewOptions) {
    this.#options = options;
  }

  /** @throws StateCorrupted, StoreUnavailable */
  read(key: string): StateRead {
    const value = this.#valueOf(key);
    const markerKey = value === null ? (this.#options.markerKey?.(key) ?? null) : null;
    return {
      value,
      marker: markerKey === null ? null : this.#valueOf(markerName(markerKey)),
      partition: this.#options.partition,
      position: this.progress?.position ?? 0,
      tick: this.progress?.tick ?? null,
    };
  }

  /** As the view saved it with what is in the store; null = nothing yet. @throws StateCorrupted, StoreUnavailable */
  aggregate(): Uint8Array | null {
    const bytes = this.#rowOf(CHECKPOINT_ROW);
    return bytes === null ? null : (decodeCheckpoint(bytes)?.aggregate ?? null);
  }

  #valueOf(key: string): Uint8Array | null {
    return this.#rowOf(entryRow(key));
  }

  #rowOf(row: string): Uint8Array | null {
    if (this.progress === null) return null;
    try {
      const sealed = this.#options.store.get(row);
      return sealed === undefined ? null : unseal(sealed);
    } catch (error) {
      this.#options.onDamage(error);
      throw error;
    }
  }
}

export interface StoredViewOptions {
  readonly store: StateStore;
  readonly partition: number;
  /** The key of an erased key's marker; null where no secret is known: nothing is then told to be erased. */
  readonly markerKey?: (key: string) => string | null;
  /** Told of a row that cannot be read: the view is to end for it. */
  readonly onDamage: (cause: unknown) => void;
}

/** All partitions' views as one reader. */
export function combineViews(views: readonly StoredView[]): StateReader {
  return {
    get ready() {
      return views.every(({ progress }) => progress?.ready === true);
    },
    get tick() {
      const tick = Math.max(...views.map(({ progress }) => progress?.tick ?? -1));
      return tick < 0 ? null : tick;
    },
    read(key) {
      const view = views[partitionOf(Buffer.from(key), views.length)];
      if (view === undefined) throw new RangeError("there are no views to read from");
      return view.read(key);
    },
  };
}

import type { JournalEntry } from "./journal.ts";
import type { TaskLimits } from "./limits.ts";
import type { Models } from "./models.ts";
import type { StateTable } from "./state-table.ts";
import { sweepBefore, sweepKeysOf, type SweepPart, SweepWindow } from "./sweep.ts";

/**
 * The sweep of one ownership: what it takes next, by the journal's cursor (R8). It owns the window of keys and nothing that a
 * restart could lose: the cursor is the journal's.
 */
export class SweepProgress {
  readonly #options: SweepOptions;
  /** Of the sweep by {@link #model}; null while it is not loaded. */
  #window: SweepWindow | null = null;
  #model = "";

  constructor(options: SweepOptions) {
    this.#options = options;
  }

  /** Whether a turn is wanted though nothing has come and nothing is due. */
  wantsTurn(entry: JournalEntry | null): boolean {
    return sweepBefore(entry, this.#options.models.current) !== null;
  }

  /** Sees to it that the keys are known that the sweep takes next, if one is under way. */
  async load(entry: JournalEntry | null): Promise<void> {
    const { models, table, limits, flush } = this.#options;
    const model = models.current;
    const after = sweepBefore(entry, model);
    if (after === null) this.#window = null;
    if (after === null || (this.#window !== null && this.#model === model && !this.#window.spent)) return;
    await flush(); // What the store holds is exact only when nothing is dirty.
    const { sweepKeysLoadedMax } = limits;
    const keys = await table.keysAfter(after, sweepKeysLoadedMax);
    this.#window = new SweepWindow(keys, keys.length < sweepKeysLoadedMax);
    this.#model = model;
  }

  /** What a turn of so many records does of the sweep; null if none is under way. @param model the turn's */
  part(entry: JournalEntry | null, model: string, records: number): SweepPart | null {
    const after = sweepBefore(entry, model);
    if (after === null) return null;
    if (this.#window === null || this.#model !== model) {
      // In force only since the keys were loaded: the turn after this one begins with them.
      this.#window = null;
      return { keys: [], reached: after };
    }
    const { turnRecordsMax, sweepKeysMax } = this.#options.limits;
    return this.#window.peek(sweepKeysOf(records, turnRecordsMax, sweepKeysMax));
  }

  /** The turn that did the part is committed. */
  committed({ keys }: SweepPart): void {
    this.#window?.take(keys.length);
  }
}

export interface SweepOptions {
  readonly models: Models;
  readonly table: Pick<StateTable, "keysAfter">;
  readonly limits: Pick<TaskLimits, "turnRecordsMax" | "sweepKeysMax" | "sweepKeysLoadedMax">;
  /** Writes the store. */
  readonly flush: () => Promise<void>;
}

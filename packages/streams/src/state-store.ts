/**
 * The port to a local ordered key-value store: a cache of the changelog that may lag it and never leads it.
 * One store a partition. `packages/store-level` keeps it on Level; `test/conformance` holds every one to this contract.
 *
 * Promises:
 *  S1 `write` is atomic: after any crash all or none of its changes are there, and writes survive in order
 *     (a later write is never there without the earlier ones, unless the machine lost power).
 *  S2 `write` with `sync: true` and everything before it survives power loss.
 *  S3 `get` and `scan` see every write that resolved.
 *  S4 Keys are ordered by their UTF-8 bytes.
 *  S5 Once `purge` has resolved, and the store was closed and opened after it, no file of it holds what was gone before.
 *  S6 After a write that failed there is no other until `reopen` has resolved: then all that was written by writes that resolved is there,
 *     and of the one that failed all or nothing (S1).
 */
export interface StateStore {
  /** Synchronous, since an awaited read for each event costs more than the read (measured). */
  get(key: string): Uint8Array | undefined;
  write(changes: readonly StoreChange[], options: StoreWriteOptions): Promise<void>;
  /** Entries with `from` ≤ key < `to` in key order, at most `limit`. */
  scan(range: StoreRange): Promise<readonly StoreEntry[]>;
  /** Sees to it that nothing is left on the disk of what was deleted or overwritten before the call: S5. Writes everything anew. */
  purge(): Promise<void>;
  /** Removes everything. */
  clear(): Promise<void>;
  /**
   * Closes its files and opens them again: S6. Nobody else reads it meanwhile; after a throw it may be closed, and is to be opened again.
   * @throws StoreUnavailable if it still cannot be written; StateCorrupted; DirectoryLocked if another has opened it meanwhile
   */
  reopen(): Promise<void>;
  /** Approximate size on disk. */
  bytes(): Promise<number>;
  close(): Promise<void>;
}

export interface StoreChange {
  readonly key: string;
  /** null deletes. */
  readonly value: Uint8Array | null;
}

export interface StoreWriteOptions {
  readonly sync: boolean;
}

export interface StoreRange {
  readonly from: string;
  readonly to: string;
  readonly limit: number;
}

export interface StoreEntry {
  readonly key: string;
  readonly value: Uint8Array;
}

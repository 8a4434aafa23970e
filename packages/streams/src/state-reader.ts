/** What queries read: the committed states of all partitions, from the views or whatever else holds them. */
export interface StateReader {
  /** False until everything that was in the changelog at the start has been read. */
  readonly ready: boolean;
  /** The newest tick of all partitions, ms since the epoch; null before the first turn. */
  readonly tick: number | null;
  read(key: string): StateRead;
}

export interface StateRead {
  /** The encoded state; null = the key has none. The bytes are not the caller's to change. */
  readonly value: Uint8Array | null;
  /** Where there is none: the marker of a key that was erased; null = it was not. */
  readonly marker: Uint8Array | null;
  readonly partition: number;
  /** Changelog offset up to which this answer is whole. */
  readonly position: number;
  /** The tick of the newest turn included, ms; null before the first. */
  readonly tick: number | null;
}

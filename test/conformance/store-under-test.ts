import type { StateStore, StoreEntry } from "@tidemark/streams";

/** One store that a conformance suite may use. */
export interface StoreUnderTest {
  readonly store: StateStore;
  /** Closes the store and opens it on what it has stored; `store` is of no further use. */
  reopen(): Promise<StoreUnderTest>;
  /** Closes the store and lets go of what it has stored. */
  dispose(): Promise<void>;
}

export type OpenStore = () => Promise<StoreUnderTest>;

export const UNSYNCED = { sync: false };

/** Beyond every key of the suites, in UTF-8. */
export const KEY_END = "\u{10FFFF}";

export function put(key: string, value: string): { readonly key: string; readonly value: Uint8Array } {
  return { key, value: Buffer.from(value) };
}

export function del(key: string): { readonly key: string; readonly value: null } {
  return { key, value: null };
}

export function textOf(value: Uint8Array | undefined): string | undefined {
  return value === undefined ? undefined : Buffer.from(value).toString("latin1");
}

export async function allOf(store: StateStore): Promise<(readonly [string, string | undefined])[]> {
  return plain(await store.scan({ from: "", to: KEY_END, limit: 100_000 }));
}

export function plain(entries: readonly StoreEntry[]): (readonly [string, string | undefined])[] {
  return entries.map(({ key, value }) => [key, textOf(value)] as const);
}

import { nameDigest, rowDigest } from "./store-rows.ts";

/**
 * Which names a store that began empty may hold. A first import, a restore and a view that is made anew ask for nearly every name before
 * there is anything under it, and to hear so from LevelDB costs some microseconds.
 *
 * A Bloom filter with all bits of a name in one word (F. Putze, P. Sanders, J. Singler: Cache-, Hash- and Space-Efficient Bloom Filters,
 * 2007). It does not grow: beside 250,000 names it takes one of a hundred others for held, beside a million one of seven; each costs a look into the store.
 *
 *  N1 What was added is never denied.
 */
export class StoredNames {
  /** Made with the first name. */
  #words: Int32Array | null = null;

  add(name: string): void {
    const words = (this.#words ??= new Int32Array(WORDS));
    const digest = digestOf(name);
    const index = digest >>> WORD_SHIFT;
    words[index] = (words[index] as number) | bitsOf(digest);
  }

  mayHold(name: string): boolean {
    if (this.#words === null) return false;
    const digest = digestOf(name);
    const bits = bitsOf(digest);
    return ((this.#words[digest >>> WORD_SHIFT] as number) & bits) === bits;
  }
}

/** 512 KB. */
const WORDS = 1 << 17;
const WORD_SHIFT = 32 - 17;

/** Mixed, so that each bit depends on the whole name. */
function digestOf(name: string): number {
  return rowDigest(nameDigest(name), 0);
}

/** Three of a word's bits, by the part of the digest that does not choose the word. */
function bitsOf(digest: number): number {
  return (1 << (digest & 31)) | (1 << ((digest >>> 5) & 31)) | (1 << ((digest >>> 10) & 31));
}

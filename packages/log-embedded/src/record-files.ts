import { BLOCK_BYTES, type BlockReader, readBlock, type RecordType } from "./record-blocks.ts";

/** Where something is that should not be as it is. */
export interface Place {
  readonly file: string;
  /** In bytes. */
  readonly offset: number;
}

/**
 * Files of {@link readBlock} one after the other, and whether any of what they hold was lost. A process that is killed, or a machine that loses
 * power, leaves the last write of the last file torn: cut short, filled with zeros or, where the disk keeps no order, with some pages
 * of zeros in the midst of it. That write was not acknowledged. For each is synced before the next begins,
 *
 *   R1  a write that begins behind a gap proves that what is missing was acknowledged;
 *   R2  what goes on a write behind a gap proves the same, unless a page of zeros is in the gap;
 *   R3  a write that is whole but for its length was not torn, but changed.
 *
 * With nothing behind it a gap tells nothing, and counts as torn. So does what was lost of the last write where a sector of it happens to be zeros.
 */
export class RecordFiles implements BlockReader {
  readonly #onDamage: (place: Place) => never;
  readonly #onWrite: ((content: Buffer) => void) | null;
  #file = "";
  /** The block that is read, and where in the file it begins. */
  #block: Buffer = NONE;
  #base = 0;
  #begun: Begun | null = null;
  #gap: Gap | null = null;

  /**
   * @param onDamage told where it begins; throws
   * @param onWrite what was written in one go; it may lie in the block, and is not kept where nobody asks for it
   */
  constructor(onDamage: (place: Place) => never, onWrite: ((content: Buffer) => void) | null = null) {
    this.#onDamage = onDamage;
    this.#onWrite = onWrite;
  }

  /** What is read from here on is of this file, which comes after those before. */
  beginFile(file: string): void {
    this.#loseBegun();
    this.#file = file;
    this.#base = 0;
  }

  /** @param blocks whole ones, but for the last of the file */
  read(blocks: Buffer): void {
    for (let from = 0; from < blocks.length; from += BLOCK_BYTES) {
      this.#block = blocks.subarray(from, from + BLOCK_BYTES);
      readBlock(this.#block, this);
      this.#base += this.#block.length;
    }
  }

  record(at: number, type: RecordType, from: number, to: number): void {
    if (type === "full" || type === "first") {
      this.#loseBegun();
      if (this.#gap !== null) this.#onDamage(this.#gap.place); // R1
      if (type === "full") this.#onWrite?.(this.#block.subarray(from, to));
      else this.#begun = { place: this.#placeOf(at), isEmpty: from === to, parts: this.#kept(from, to) };
      return;
    }
    if (this.#begun === null) {
      if (this.#gap?.hasZeros === false) this.#onDamage(this.#gap.place); // R2
      this.#gap ??= { place: this.#placeOf(at), hasZeros: false };
      return;
    }
    this.#begun.isEmpty &&= from === to;
    this.#begun.parts.push(...this.#kept(from, to));
    if (type === "middle") return;
    this.#onWrite?.(Buffer.concat(this.#begun.parts));
    this.#begun = null;
  }

  gap(at: number, to: number, onlyLength: boolean): void {
    const place = this.#begun?.place ?? this.#placeOf(at);
    this.#begun = null;
    this.#gap ??= { place, hasZeros: hasZeroSector(this.#block, at, to) };
    if (onlyLength) this.#onDamage(this.#placeOf(at)); // R3
  }

  /** What was begun is not gone on with. */
  #loseBegun(): void {
    // Old versions of LevelDB began a write with nothing at the end of a block, and once more in the next.
    if (this.#begun?.isEmpty === false) this.#gap ??= { place: this.#begun.place, hasZeros: false };
    this.#begun = null;
  }

  #placeOf(at: number): Place {
    return { file: this.#file, offset: this.#base + at };
  }

  #kept(from: number, to: number): Buffer[] {
    return this.#onWrite === null ? [] : [Buffer.from(this.#block.subarray(from, to))];
  }
}

interface Begun {
  readonly place: Place;
  isEmpty: boolean;
  readonly parts: Buffer[];
}

interface Gap {
  readonly place: Place;
  readonly hasZeros: boolean;
}

const NONE = Buffer.alloc(0);
/** Nothing smaller is written to a disk. */
const SECTOR_BYTES = 512;
const ZEROS = Buffer.alloc(SECTOR_BYTES);

/** Blocks begin where sectors do. */
function hasZeroSector(block: Buffer, from: number, to: number): boolean {
  const first = Math.ceil(from / SECTOR_BYTES) * SECTOR_BYTES;
  for (let at = first; at + SECTOR_BYTES <= to; at += SECTOR_BYTES) {
    if (block.subarray(at, at + SECTOR_BYTES).equals(ZEROS)) return true;
  }
  return false;
}

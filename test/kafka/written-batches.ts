import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** A batch or marker as a broker has it on its disk, seen by readers or not. */
export interface WrittenBatch {
  readonly offset: number;
  readonly records: number;
  readonly producerId: string;
  readonly epoch: number;
  readonly sequence: number;
  readonly kind: "data" | "transactional" | "COMMIT" | "ABORT";
  /** Append time, ms since the epoch. */
  readonly at: number;
}

/** Of one partition, in the order of offsets, read from the broker's files (magic 2 of Kafka's record batches). */
export async function writtenBatches(dataFolder: string, topic: string, partition: number): Promise<WrittenBatch[]> {
  const folder = join(dataFolder, `${topic}-${partition}`);
  const segments = (await readdir(folder)).filter((name) => name.endsWith(".log")).sort();
  const batches: WrittenBatch[] = [];
  for (const name of segments) {
    const bytes = await readFile(join(folder, name));
    for (let start = 0; start + HEADER_BYTES <= bytes.length;) {
      const size = bytes.readInt32BE(start + 8);
      if (size <= 0) break; // Room that was not written to.
      batches.push(batchAt(bytes, start));
      start += 12 + size;
    }
  }
  return batches;
}

function batchAt(bytes: Buffer, start: number): WrittenBatch {
  const attributes = bytes.readInt16BE(start + 21);
  return {
    offset: Number(bytes.readBigInt64BE(start)),
    records: bytes.readInt32BE(start + 57),
    producerId: bytes.readBigInt64BE(start + 43).toString(),
    epoch: bytes.readInt16BE(start + 51),
    sequence: bytes.readInt32BE(start + 53),
    kind: kindOf(bytes, start, attributes),
    at: Number(bytes.readBigInt64BE(start + 35)),
  };
}

function kindOf(bytes: Buffer, start: number, attributes: number): WrittenBatch["kind"] {
  if ((attributes & CONTROL) === 0) return (attributes & TRANSACTIONAL) === 0 ? "data" : "transactional";
  // The one record of a marker: five bytes of lengths, deltas and attributes, then the key, a version and the type.
  return bytes.readInt16BE(start + HEADER_BYTES + 5 + 2) === COMMIT ? "COMMIT" : "ABORT";
}

const HEADER_BYTES = 61;
const TRANSACTIONAL = 16;
const CONTROL = 32;
const COMMIT = 1;

import type { Type } from "avsc";

/**
 * Memory for encoded values: cut off one after the other from large chunks, since an allocation for each
 * value costs more than encoding it. What was cut off is never written again; a chunk is freed when the
 * last value cut from it is.
 */
export class Slab {
  #chunk: Buffer<ArrayBuffer> = Buffer.allocUnsafeSlow(0);
  #next = 0;

  /**
   * Cuts off one value in the Confluent wire format.
   * @throws Error from avsc, whose message quotes the value, if the value is not of the type
   */
  encode(type: Type, schemaId: number, value: unknown): Uint8Array {
    const start = this.#next;
    const end = type.encode(value, this.#chunk, start + HEADER_BYTES);
    if (end >= 0) return this.#cut(start, end, schemaId);
    // Negative: so many bytes are missing.
    const bytes = this.#chunk.length - start - end;
    if (bytes > LARGE_BYTES) {
      const own = Buffer.allocUnsafeSlow(bytes);
      type.encode(value, own, HEADER_BYTES);
      return withHeader(own, schemaId);
    }
    this.#chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);
    return this.#cut(0, type.encode(value, this.#chunk, HEADER_BYTES), schemaId);
  }

  #cut(start: number, end: number, schemaId: number): Uint8Array {
    this.#next = end;
    return withHeader(this.#chunk.subarray(start, end), schemaId);
  }
}

/** A zero byte and the schema's id. */
export const HEADER_BYTES = 5;

const CHUNK_BYTES = 1_048_576;
/** Above it a value gets memory of its own, so that no large rest of a chunk is wasted. */
const LARGE_BYTES = 65_536;

function withHeader(bytes: Buffer<ArrayBuffer>, schemaId: number): Uint8Array {
  bytes[0] = 0;
  bytes.writeInt32BE(schemaId, 1);
  return bytes;
}

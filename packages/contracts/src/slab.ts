/** Writes values of one schema into memory that is there already. */
export interface Encoder<T> {
  /** The usual case. @returns the index after the value; −1 = {@link encode} has to write it */
  encodeUsual(value: T, buffer: Buffer, position: number): number;
  /** @returns the index after the value; negative: so many bytes are missing. @throws Error that quotes the value, if it is not of the type */
  encode(value: T, buffer: Buffer, position: number): number;
}

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
   * @throws Error whose message quotes the value, if the value is not of the type
   */
  encode<T>(encoder: Encoder<T>, schemaId: number, value: T): Uint8Array {
    const start = this.#next;
    const usualEnd = encoder.encodeUsual(value, this.#chunk, start + HEADER_BYTES);
    if (usualEnd >= 0) return this.#cut(start, usualEnd, schemaId);
    const end = encoder.encode(value, this.#chunk, start + HEADER_BYTES);
    if (end >= 0) return this.#cut(start, end, schemaId);
    // Negative: so many bytes are missing.
    const bytes = this.#chunk.length - start - end;
    if (bytes > LARGE_BYTES) {
      const own = Buffer.allocUnsafeSlow(bytes);
      encoder.encode(value, own, HEADER_BYTES);
      return withHeader(own, schemaId);
    }
    this.#chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);
    return this.#cut(0, encoder.encode(value, this.#chunk, HEADER_BYTES), schemaId);
  }

  #cut(start: number, end: number, schemaId: number): Uint8Array {
    this.#next = end;
    return withHeader(this.#chunk.subarray(start, end), schemaId);
  }
}

/** A zero byte and the schema's id. */
export const HEADER_BYTES = 5;

const CHUNK_BYTES = 262_144;
/** Above it a value gets memory of its own, so that no large rest of a chunk is wasted. */
const LARGE_BYTES = 32_768;

function withHeader(bytes: Buffer<ArrayBuffer>, schemaId: number): Uint8Array {
  bytes[0] = 0;
  bytes.writeInt32BE(schemaId, 1);
  return bytes;
}

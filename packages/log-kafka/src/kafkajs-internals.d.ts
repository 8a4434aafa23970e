/**
 * What is used of the inside of kafkajs 2.2.4, which declares types for its front door only. It has no `exports` map
 * and its releases have ended, so with the version pinned exactly these modules stay where they are.
 */
declare module "kafkajs/src/protocol/encoder.js" {
  /** Grows as it is written to; integers are big-endian. */
  class Encoder {
    /** @param initialSize bytes, so that it need not grow */
    constructor(initialSize?: number);
    /** What was written, a view. */
    readonly buffer: Buffer;
    writeInt8(value: number): this;
    writeInt16(value: number): this;
    writeInt32(value: number): this;
    writeInt64(value: number | bigint): this;
    /** Length as int16, UTF-8; null has the length −1. */
    writeString(value: string | null): this;
    /** Length as int32, bytes; null has the length −1. */
    writeBytes(value: Buffer | null): this;
  }
  export = Encoder;
}

declare module "kafkajs/src/protocol/decoder.js" {
  /** Reads what an Encoder wrote. */
  class Decoder {
    constructor(buffer: Buffer);
    readInt8(): number;
    readInt16(): number;
    readInt32(): number;
    readInt64(): bigint;
    readString(): string | null;
    /** A view; shorter than announced where the buffer ends before. */
    readBytes(): Buffer | null;
    /** An array of length −1 is empty. */
    readArray<T>(read: (decoder: Decoder) => T): T[];
  }
  export = Decoder;
}

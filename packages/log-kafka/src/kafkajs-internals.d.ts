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
    writeVarInt(value: number): this;
    writeVarLong(value: number | bigint): this;
    /** Length as int16, UTF-8; null has the length −1. */
    writeString(value: string | null): this;
    /** Length as int32, bytes; null has the length −1. */
    writeBytes(value: Buffer | null): this;
    writeEncoder(value: Encoder): this;
    writeUVarInt(value: number): this;
    /** Length + 1 as unsigned varint, UTF-8; null has the length 0. */
    writeUVarIntString(value: string | null): this;
    /** Length + 1 as unsigned varint, bytes. */
    writeUVarIntBytes(value: Buffer): this;
  }
  export = Encoder;
}

declare module "kafkajs/src/protocol/decoder.js" {
  /** Reads what an Encoder wrote. */
  class Decoder {
    constructor(buffer: Buffer);
    readonly buffer: Buffer;
    /** Of what is read next. */
    offset: number;
    readInt8(): number;
    readInt16(): number;
    readInt32(): number;
    readInt64(): bigint;
    readString(): string | null;
    /** A view; shorter than announced where the buffer ends before. */
    readBytes(): Buffer | null;
    readVarInt(): number;
    readUVarInt(): number;
    readUVarIntString(): string | null;
    readUVarIntArray<T>(read: (decoder: Decoder) => T): T[] | null;
    /** An array of length −1 is empty. */
    readArray<T>(read: (decoder: Decoder) => T): T[];
  }
  export = Decoder;
}

// From here on: the independent implementation with which the tests compare.

declare module "kafkajs/src/protocol/recordBatch/record/v0/index.js" {
  import type Encoder from "kafkajs/src/protocol/encoder.js";
  interface RecordFields {
    readonly offsetDelta: number;
    readonly timestampDelta: number;
    /** A Uint8Array that is no Buffer would be written as its string. */
    readonly key: Buffer | null;
    readonly value: Buffer | null;
    readonly headers: Readonly<Record<string, string>>;
  }
  function encodeRecord(fields: RecordFields): Encoder;
  export = encodeRecord;
}

declare module "kafkajs/src/protocol/recordBatch/v0/index.js" {
  import type Encoder from "kafkajs/src/protocol/encoder.js";
  interface BatchFields {
    readonly compression: number;
    readonly firstOffset: number;
    readonly firstTimestamp: number;
    readonly maxTimestamp: number;
    readonly lastOffsetDelta: number;
    readonly transactional: boolean;
    readonly producerId: bigint;
    readonly producerEpoch: number;
    readonly firstSequence: number;
    readonly records: readonly Encoder[];
  }
  function RecordBatch(fields: BatchFields): Promise<Encoder>;
  export { RecordBatch };
}

declare module "kafkajs/src/protocol/recordBatch/v0/decoder.js" {
  import type Decoder from "kafkajs/src/protocol/decoder.js";
  interface DecodedBatch {
    readonly producerId: string;
    readonly producerEpoch: number;
    readonly firstSequence: number;
    readonly inTransaction: boolean;
    readonly lastOffsetDelta: number;
    readonly partitionLeaderEpoch: number;
    readonly maxTimestamp: string;
    readonly records: readonly {
      readonly offset: string;
      readonly timestamp: string;
      readonly key: Buffer | null;
      readonly value: Buffer | null;
    }[];
  }
  function decodeBatch(decoder: Decoder): Promise<DecodedBatch>;
  export = decodeBatch;
}

declare module "kafkajs/src/protocol/recordBatch/crc32C/index.js" {
  function crc32C(bytes: Buffer): number;
  export = crc32C;
}

declare module "kafkajs/src/protocol/message/compression/index.js" {
  import type Encoder from "kafkajs/src/protocol/encoder.js";
  interface Codec {
    compress(encoder: Encoder): Promise<Buffer>;
    decompress(bytes: Buffer): Promise<Buffer>;
  }
  const Codecs: Record<number, () => Codec>;
  export { Codecs };
}

declare module "kafkajs/src/protocol/requests/produce/index.js" {
  import type Encoder from "kafkajs/src/protocol/encoder.js";
  interface ProduceFields {
    readonly acks: number;
    readonly timeout: number;
    readonly transactionalId: string | null;
    readonly producerId: bigint;
    readonly producerEpoch: number;
    readonly compression: number;
    readonly topicData: readonly {
      readonly topic: string;
      readonly partitions: readonly {
        readonly partition: number;
        readonly firstSequence: number;
        readonly messages: readonly { readonly key: Buffer; readonly value: Buffer; readonly timestamp: number }[];
      }[];
    }[];
  }
  function protocol(of: { readonly version: 7 }): (fields: ProduceFields) => {
    readonly request: { readonly apiKey: number; readonly apiVersion: number; encode(): Promise<Encoder> };
    readonly response: {
      decode(payload: Buffer): Promise<{
        readonly clientSideThrottleTime: number;
        readonly topics: readonly {
          readonly topicName: string;
          readonly partitions: readonly {
            readonly partition: number;
            readonly errorCode: number;
            readonly baseOffset: string;
            readonly logAppendTime: string;
            readonly logStartOffset: string;
          }[];
        }[];
      }>;
    };
  };
  export { protocol };
}

declare module "kafkajs/src/protocol/requests/fetch/index.js" {
  import type Encoder from "kafkajs/src/protocol/encoder.js";
  interface FetchFields {
    readonly maxWaitTime: number;
    readonly minBytes: number;
    readonly maxBytes: number;
    readonly isolationLevel: number;
    readonly topics: readonly {
      readonly topic: string;
      readonly partitions: readonly {
        readonly partition: number;
        readonly fetchOffset: number;
        readonly maxBytes: number;
      }[];
    }[];
  }
  function protocol(of: { readonly version: 10 }): (fields: FetchFields) => {
    readonly request: { readonly apiKey: number; readonly apiVersion: number; encode(): Promise<Encoder> };
    readonly response: {
      decode(payload: Buffer): Promise<{
        readonly clientSideThrottleTime: number;
        readonly errorCode: number;
        readonly responses: readonly {
          readonly topicName: string;
          readonly partitions: readonly {
            readonly partition: number;
            readonly errorCode: number;
            readonly highWatermark: string;
            readonly lastStableOffset: string;
            /** The log's start, misspelt. */
            readonly lastStartOffset: string;
            readonly abortedTransactions: readonly { readonly producerId: string; readonly firstOffset: string }[];
            readonly messages: readonly { readonly offset: string }[];
          }[];
        }[];
      }>;
    };
  };
  export { protocol };
}

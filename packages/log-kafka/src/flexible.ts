import Decoder from "kafkajs/src/protocol/decoder.js";
import Encoder from "kafkajs/src/protocol/encoder.js";
import type { BrokerRequest, Throttled } from "./broker-request.ts";

/**
 * Requests of Kafka's flexible versions (KIP-482): every structure ends with a number of tagged fields, which older
 * readers pass over, and lengths are varints, one more than they count. kafkajs writes and reads such strings, bytes and
 * arrays (`UVarInt…`), but miscounts tagged fields that are there, and its headers end before theirs: so they are the first
 * of what is encoded and decoded here.
 */
export function flexibleEncoder(initialSize?: number): Encoder {
  return new Encoder(initialSize).writeUVarInt(NO_TAGS);
}

/** After the header of an answer. */
export function flexibleDecoder(payload: Buffer): Decoder {
  const decoder = new Decoder(payload);
  readTags(decoder);
  return decoder;
}

/** A request that is one structure, to be answered within the time that the connection has. */
export function flexibleRequest<Answer>(parts: FlexibleRequest<Answer>): BrokerRequest<Answer> {
  const { apiKey, apiVersion, apiName, write, read } = parts;
  return {
    request: {
      apiKey,
      apiVersion,
      apiName,
      encode: () => Promise.resolve(write(flexibleEncoder()).writeUVarInt(NO_TAGS)),
    },
    response: {
      decode: (payload) => Promise.resolve(read(flexibleDecoder(payload))),
      parse: (answer) => Promise.resolve(answer),
    },
    requestTimeout: 0,
  };
}

interface FlexibleRequest<Answer> {
  readonly apiKey: number;
  readonly apiVersion: number;
  readonly apiName: string;
  /** All but the tagged fields that end it. */
  readonly write: (encoder: Encoder) => Encoder;
  readonly read: (decoder: Decoder) => Answer & Throttled;
}

/** How many tagged fields end each structure that is sent. */
export const NO_TAGS = 0;

/** The tagged fields that end a structure, each with a decoder of its own. */
export function readTags(decoder: Decoder): ReadonlyMap<number, Decoder> {
  const tags = new Map<number, Decoder>();
  for (let left = decoder.readUVarInt(); left > 0; left -= 1) {
    const tag = decoder.readUVarInt();
    const end = decoder.readUVarInt() + decoder.offset;
    tags.set(tag, new Decoder(decoder.buffer.subarray(decoder.offset, end)));
    decoder.offset = end;
  }
  return tags;
}

/** An array of structures, each of which ends with tagged fields that are passed over. */
export function readStructures<Each>(decoder: Decoder, read: (decoder: Decoder) => Each): readonly Each[] {
  const structures = decoder.readUVarIntArray(() => {
    const each = read(decoder);
    readTags(decoder);
    return each;
  });
  return structures ?? [];
}

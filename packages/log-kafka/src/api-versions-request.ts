import Decoder from "kafkajs/src/protocol/decoder.js";
import type { BrokerRequest } from "./broker-request.ts";
import { flexibleEncoder, NO_TAGS, readStructures, readTags } from "./flexible.ts";

/** What a broker can do. */
export interface ApiVersionsAnswer {
  /** Of Kafka's protocol; 0 = none. A broker that does not know this version of the request says so, and nothing else. */
  readonly errorCode: number;
  readonly apiVersions: readonly {
    readonly apiKey: number;
    readonly minVersion: number;
    readonly maxVersion: number;
  }[];
  /** The level of each feature that the cluster has finalized: every broker of it has what the level stands for. */
  readonly features: ReadonlyMap<string, number>;
}

const API_KEY = 18;
/** Of Kafka 2.4; since 2.7 it is answered with features too. */
const API_VERSION = 3;
/** What the brokers' metrics count connections by. */
const SOFTWARE = { name: "tidemark", version: "1" };
const TAG = { finalizedEpoch: 1, finalizedFeatures: 2 };

/** ApiVersions. The header of its answer has no tagged fields, in any version. */
export function apiVersionsRequest(): BrokerRequest<ApiVersionsAnswer> {
  return {
    request: {
      apiKey: API_KEY,
      apiVersion: API_VERSION,
      apiName: "ApiVersions",
      encode() {
        const encoder = flexibleEncoder().writeUVarIntString(SOFTWARE.name).writeUVarIntString(SOFTWARE.version);
        return Promise.resolve(encoder.writeUVarInt(NO_TAGS));
      },
    },
    response: {
      decode: (payload) => Promise.resolve(decodeAnswer(new Decoder(payload))),
      parse: (answer) => Promise.resolve(answer),
    },
    requestTimeout: 0,
  };
}

function decodeAnswer(decoder: Decoder) {
  const errorCode = decoder.readInt16();
  // In the oldest version, if it is that the broker does not know this one.
  if (errorCode !== 0) return { errorCode, apiVersions: [], features: NO_FEATURES, clientSideThrottleTime: 0 };
  const apiVersions = readStructures(decoder, () => ({
    apiKey: decoder.readInt16(),
    minVersion: decoder.readInt16(),
    maxVersion: decoder.readInt16(),
  }));
  const clientSideThrottleTime = decoder.readInt32();
  return { errorCode, apiVersions, features: finalizedFeatures(readTags(decoder)), clientSideThrottleTime };
}

/** They hold only with an epoch, which a broker lacks that has not heard of them yet. */
function finalizedFeatures(tags: ReadonlyMap<number, Decoder>): ReadonlyMap<string, number> {
  const decoder = tags.get(TAG.finalizedFeatures);
  const epoch = Number(tags.get(TAG.finalizedEpoch)?.readInt64() ?? -1);
  if (decoder === undefined || epoch < 0) return NO_FEATURES;
  const features = readStructures(decoder, () => {
    const name = decoder.readUVarIntString() ?? "";
    const levelMax = decoder.readInt16();
    decoder.readInt16(); // the least level
    return [name, levelMax] as const;
  });
  return new Map(features);
}

const NO_FEATURES: ReadonlyMap<string, number> = new Map();

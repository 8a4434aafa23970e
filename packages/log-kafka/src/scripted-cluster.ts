import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import type { Clock } from "@tidemark/streams";
import Encoder from "kafkajs/src/protocol/encoder.js";
import { Cluster } from "./cluster.ts";
import { NO_TAGS } from "./flexible.ts";
import { KAFKA_LOG_LIMITS, type KafkaLogLimits } from "./limits.ts";
import { Reachability } from "./reachability.ts";

/**
 * What a scripted broker answers to the requests of one kind, given without their length, one after the other; null: never.
 * The last holds for all that follow.
 */
export type Script = readonly (((request: Buffer) => Encoder | null) | null)[];

/** A {@link Cluster} of the brokers 1 and 2, both at one socket of this machine, that answer by a script: for tests. */
export interface ScriptedCluster extends AsyncDisposable {
  readonly cluster: Cluster;
  /** API keys of the requests that came, but for those that are answered without a script, in order. */
  readonly asked: readonly number[];
}

/** ApiVersions, Metadata and FindCoordinator (it is broker 1) are answered without a script. */
export async function openScriptedCluster(options: {
  readonly topic: string;
  readonly partitions: number;
  /** By API key. */
  readonly scripts: Readonly<Record<number, Script>>;
  /** Who leads all partitions, at one answer about it after the other; the last holds for all that follow. Default 1. */
  readonly leaders?: readonly number[];
  /** The levels of what the cluster has finalized. Default none. */
  readonly features?: Readonly<Record<string, number>>;
  /** API keys of the requests that the brokers say they take. Default none: most callers do not look. */
  readonly apis?: readonly number[];
  readonly clock?: Clock;
  readonly limits?: Partial<KafkaLogLimits>;
}): Promise<ScriptedCluster> {
  const asked: number[] = [];
  const leaders = [...(options.leaders ?? [1])];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    let rest: Buffer = Buffer.alloc(0);
    socket.on("data", (chunk: Buffer) => {
      rest = Buffer.concat([rest, chunk]);
      while (rest.length >= 4 && rest.length >= 4 + rest.readInt32BE(0)) {
        answer(socket, rest.subarray(4));
        rest = rest.subarray(4 + rest.readInt32BE(0));
      }
    });
    socket.on("error", () => socket.destroy());
  });
  server.listen(0, HOST);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;

  function answer(socket: Socket, request: Buffer): void {
    const apiKey = request.readInt16BE(0);
    const body = bodyFor(apiKey)?.(request)?.buffer;
    if (body === undefined) return;
    const head = Buffer.alloc(8);
    head.writeInt32BE(4 + body.length, 0);
    head.writeInt32BE(request.readInt32BE(4), 4);
    socket.write(Buffer.concat([head, body]));
  }

  function bodyFor(apiKey: number): Script[number] {
    if (apiKey === API_VERSIONS) return () => apiVersions(options.apis ?? [], Object.entries(options.features ?? {}));
    if (apiKey === METADATA) {
      const leader = leaders.length > 1 ? leaders.shift() : leaders[0];
      return () => metadata(port, leader ?? 1, options.topic, options.partitions);
    }
    if (apiKey === FIND_COORDINATOR) return () => coordinator(port);
    const script = options.scripts[apiKey] ?? [];
    const before = asked.filter((each) => each === apiKey).length;
    asked.push(apiKey);
    return script[Math.min(before, script.length - 1)] ?? null;
  }

  const closing = new AbortController();
  const limits = { ...KAFKA_LOG_LIMITS, ...options.limits };
  const settings = {
    clientId: "test",
    ssl: null,
    sasl: null,
    connectMsMax: limits.connectMsMax,
    requestMsMax: limits.requestMsMax,
    throttleMsMax: limits.throttleMsMax,
    reachability: new Reachability({ onUnreachable: () => {}, onReachedAgain: () => {} }),
  };
  const cluster = new Cluster({
    settings,
    seeds: [{ host: HOST, port }],
    clock: options.clock ?? CLOCK,
    limits,
    closing: closing.signal,
  });
  await cluster.partitionCount(options.topic);
  return {
    cluster,
    asked,
    async [Symbol.asyncDispose]() {
      closing.abort();
      cluster.close();
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

const HOST = "127.0.0.1";
const METADATA = 3;
const FIND_COORDINATOR = 10;
const API_VERSIONS = 18;

const CLOCK: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: (ms) => wait(ms),
  yield: () => wait(0),
};

function coordinator(port: number): Encoder {
  const encoder = new Encoder().writeInt32(0).writeInt16(0).writeString(null);
  return encoder.writeInt32(1).writeString(HOST).writeInt32(port);
}

function apiVersions(apis: readonly number[], features: readonly (readonly [string, number])[]): Encoder {
  const finalized = new Encoder().writeUVarInt(features.length + 1);
  for (const [name, level] of features) {
    finalized.writeUVarIntString(name).writeInt16(level).writeInt16(level).writeUVarInt(NO_TAGS);
  }
  const encoder = new Encoder().writeInt16(0).writeUVarInt(apis.length + 1);
  for (const key of apis) encoder.writeInt16(key).writeInt16(0).writeInt16(0).writeUVarInt(NO_TAGS);
  encoder.writeInt32(0).writeUVarInt(2);
  encoder.writeUVarInt(1).writeUVarInt(8).writeInt64(0); // the epoch of the features
  return encoder.writeUVarInt(2).writeUVarInt(finalized.buffer.length).writeEncoder(finalized);
}

function metadata(port: number, leader: number, topic: string, partitions: number): Encoder {
  const encoder = new Encoder().writeInt32(0).writeInt32(2);
  for (const node of [1, 2]) encoder.writeInt32(node).writeString(HOST).writeInt32(port).writeString(null);
  encoder.writeString("scripted").writeInt32(1); // the controller
  encoder.writeInt32(1).writeInt16(0).writeString(topic).writeInt8(0).writeInt32(partitions);
  for (let partition = 0; partition < partitions; partition++) {
    encoder.writeInt16(0).writeInt32(partition).writeInt32(leader);
    encoder.writeInt32(0).writeInt32(0).writeInt32(0); // replicas, those in sync, those offline
  }
  return encoder;
}

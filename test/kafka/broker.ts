import { type BrokerNode, openNode } from "./broker-node.ts";
import type { Compiler } from "./broker-process.ts";
import { answering } from "./broker-readiness.ts";
import { type BrokerSecurity, securitySettings } from "./broker-security.ts";
import { HOST } from "./broker-settings.ts";
import { withFreePorts } from "./free-ports.ts";
import { kafkaDistribution } from "./kafka-distribution.ts";

export interface BrokerOptions {
  /** Broker properties, by their Kafka names; they win over the harness's own. */
  readonly settings?: Readonly<Record<string, string | number>>;
  /** The port of a proxy in front, which clients are told to connect to. */
  readonly advertisedPort?: number;
  /** Of the client listener; plain text and open to all if absent. */
  readonly security?: BrokerSecurity;
  /** Levels to finalize features at, by their Kafka names, where they are not to be this version's own. */
  readonly features?: Readonly<Record<string, number>>;
  readonly heapMegabytes?: number;
  readonly compiler?: Compiler;
}

/**
 * One real Kafka broker, its own controller, in a folder and on ports of its own. It ends and its folder goes when
 * this process ends, also by kill -9.
 */
export interface Broker extends AsyncDisposable {
  /** host:port of the client listener. */
  readonly bootstrap: string;
  /** host:port of a listener without encryption and login, for the test's own administration. */
  readonly internal: string;
  /** What a proxy in front connects to: the port on which the client listener listens. */
  readonly clientPort: number;
  readonly directory: string;
  /** Of the newest start. */
  readonly pid: number;
  /** SIGTERM, and its end; the data stay. */
  stop(): Promise<void>;
  /** kill -9, and its end; the data stay. */
  kill(): Promise<void>;
  /** SIGSTOP: connections stay open and nothing answers. */
  pause(): void;
  resume(): void;
  /** Starts it again on the same ports and data, after kill -9 if it runs; resolves when it answers. */
  restart(): Promise<void>;
}

/**
 * Starts a broker and resolves when it answers.
 * @throws ProgramMissing without Java or Maven; Error with the end of its log where it does not start
 */
export async function startBroker(options: BrokerOptions = {}): Promise<Broker> {
  const distribution = await kafkaDistribution();
  const security = await securitySettings(options.security ?? {});
  return withFreePorts(3, async ([controller = 0, internal = 0, client = 0]) => {
    const node = await openNode(distribution, {
      nodeId: 1,
      voters: `1@${HOST}:${controller}`,
      ports: { controller, internal, client },
      ...(options.advertisedPort === undefined ? {} : { advertisedPort: options.advertisedPort }),
      replicationFactor: 1,
      settings: { ...security.settings, ...options.settings },
      heapMegabytes: options.heapMegabytes ?? HEAP_MEGABYTES,
      compiler: options.compiler ?? "short",
      formatting: [...security.formatting, ...featureWords(options.features ?? {})],
    });
    try {
      node.start();
      await answering([node]);
    } catch (error) {
      await node.close();
      throw error;
    }
    return brokerOf(node, client);
  });
}

export const HEAP_MEGABYTES = 384;

/** Arguments of `StorageTool format`. */
function featureWords(features: Readonly<Record<string, number>>): readonly string[] {
  return Object.entries(features).flatMap(([name, level]) => ["--feature", `${name}=${level}`]);
}

function brokerOf(node: BrokerNode, clientPort: number): Broker {
  return {
    bootstrap: node.bootstrap,
    internal: node.internal,
    clientPort,
    directory: node.directory,
    get pid() {
      return node.pid;
    },
    stop: node.stop,
    kill: node.kill,
    pause: node.pause,
    resume: node.resume,
    async restart() {
      await node.kill();
      node.start();
      await answering([node]);
    },
    [Symbol.asyncDispose]: node.close,
  };
}

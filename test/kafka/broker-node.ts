import { copyFile, mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrokerProcess, type Compiler, logOf, openGuard, startBrokerProcess } from "./broker-process.ts";
import { brokerProperties, HOST, type SettingsOptions } from "./broker-settings.ts";
import type { KafkaDistribution } from "./kafka-distribution.ts";
import { CLUSTER_ID, formatData } from "./kafka-program.ts";

export interface NodeOptions extends Omit<SettingsOptions, "dataFolder"> {
  readonly heapMegabytes: number;
  readonly compiler: Compiler;
  /** Arguments of `StorageTool format` that make its data; none = as the distribution keeps them. */
  readonly formatting: readonly string[];
}

/** One member of a Kafka cluster, its data in a folder of its own. It ends and its folder goes when this process ends. */
export interface BrokerNode {
  readonly nodeId: number;
  /** host:port for clients under test. */
  readonly bootstrap: string;
  /** host:port without encryption and login. */
  readonly internal: string;
  readonly directory: string;
  /** Of the newest start. */
  readonly pid: number;
  /** Starts the process on the data that are there; it answers a while later. */
  start(): void;
  /** False before the first start too. */
  runs(): boolean;
  /** SIGTERM, and its end; kill -9 after a bound. */
  stop(): Promise<void>;
  /** kill -9, and its end. */
  kill(): Promise<void>;
  /** SIGSTOP: connections stay open and nothing answers. */
  pause(): void;
  resume(): void;
  /** Kills it and removes its folder. */
  close(): Promise<void>;
}

const STOP_MS_MAX = 30_000;

export async function openNode(distribution: KafkaDistribution, options: NodeOptions): Promise<BrokerNode> {
  const directory = await mkdtemp(join(tmpdir(), "tidemark-kafka-"));
  const guard = openGuard(directory);
  const settings = join(directory, "broker.properties");
  try {
    await prepare(distribution, options, directory, settings);
  } catch (error) {
    await guard.close();
    throw error;
  }
  let process: BrokerProcess | null = null;

  async function kill(): Promise<void> {
    process?.signal("SIGKILL");
    await process?.ended;
  }

  return {
    nodeId: options.nodeId,
    bootstrap: `${HOST}:${options.advertisedPort ?? options.ports.client}`,
    internal: `${HOST}:${options.ports.internal}`,
    directory,
    get pid() {
      return process?.pid ?? 0;
    },
    start() {
      const { heapMegabytes, compiler } = options;
      process = startBrokerProcess(
        { programs: distribution, settings, log: logOf(directory), heapMegabytes, compiler },
        guard,
      );
    },
    runs: () => process !== null && !process.hasEnded(),
    async stop() {
      process?.signal("SIGTERM");
      await Promise.race([process?.ended, timeUp(STOP_MS_MAX)]);
      await kill();
    },
    kill,
    pause: () => process?.signal("SIGSTOP"),
    resume: () => process?.signal("SIGCONT"),
    close: () => guard.close(),
  };
}

async function prepare(
  distribution: KafkaDistribution,
  options: NodeOptions,
  directory: string,
  settings: string,
): Promise<void> {
  const dataFolder = join(directory, "data");
  await writeFile(settings, brokerProperties({ ...options, dataFolder }));
  if (options.formatting.length > 0) {
    await formatData(distribution, settings, options.formatting);
    return;
  }
  await mkdir(dataFolder);
  await copyFile(distribution.bootstrapCheckpoint, join(dataFolder, "bootstrap.checkpoint"));
  const meta = `version=1\ncluster.id=${CLUSTER_ID}\nnode.id=${options.nodeId}\n`;
  await writeFile(join(dataFolder, "meta.properties"), meta);
}

/** Keeps nothing alive. */
function timeUp(ms: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, ms).unref());
}

import { copyFile, mkdir, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Kafka, logLevel } from "kafkajs";
import { until } from "../integration/until.ts";
import { type BrokerProcess, type Compiler, logOf, openGuard, startBrokerProcess } from "./broker-process.ts";
import { type BrokerPorts, brokerProperties, HOST } from "./broker-settings.ts";
import { freePorts } from "./free-ports.ts";
import { CLUSTER_ID, kafkaDistribution } from "./kafka-distribution.ts";

export interface BrokerOptions {
  /** Broker properties, by their Kafka names; they win over the harness's own. */
  readonly settings?: Readonly<Record<string, string | number>>;
  /** The port of a proxy in front, which clients are told to connect to. */
  readonly advertisedPort?: number;
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
  readonly ports: BrokerPorts;
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
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOnce(options);
    } catch (error) {
      // Another process took a port between finding and binding it.
      if (attempt === PORT_ATTEMPTS_MAX || !String(error).includes(PORT_TAKEN)) throw error;
    }
  }
}

const PORT_ATTEMPTS_MAX = 5;
const PORT_TAKEN = "Address already in use";
const READY_MS_MAX = 120_000;
const STOP_MS_MAX = 30_000;
const HEAP_MEGABYTES = 384;
const LOG_LINES_SHOWN = 40;

async function startOnce(options: BrokerOptions): Promise<Broker> {
  const distribution = await kafkaDistribution();
  const directory = await mkdtemp(join(tmpdir(), "tidemark-kafka-"));
  const guard = openGuard(directory);
  const [controller = 0, internal = 0, client = 0] = await freePorts(3);
  const ports = { controller, internal, client };
  const settings = join(directory, "broker.properties");

  async function prepare(): Promise<void> {
    const dataFolder = join(directory, "data");
    await mkdir(dataFolder);
    await copyFile(distribution.bootstrapCheckpoint, join(dataFolder, "bootstrap.checkpoint"));
    await writeFile(join(dataFolder, "meta.properties"), `version=1\ncluster.id=${CLUSTER_ID}\nnode.id=1\n`);
    const properties = brokerProperties({
      nodeId: 1,
      voters: `1@${HOST}:${controller}`,
      ports,
      ...(options.advertisedPort === undefined ? {} : { advertisedPort: options.advertisedPort }),
      dataFolder,
      replicationFactor: 1,
      settings: options.settings ?? {},
    });
    await writeFile(settings, properties);
  }

  async function start(): Promise<BrokerProcess> {
    const started = startBrokerProcess(
      {
        distribution,
        settings,
        log: logOf(directory),
        heapMegabytes: options.heapMegabytes ?? HEAP_MEGABYTES,
        compiler: options.compiler ?? "short",
        javaProperties: [],
      },
      guard,
    );
    await answering(`${HOST}:${internal}`, started, directory);
    return started;
  }

  let running: BrokerProcess;
  try {
    await prepare();
    running = await start();
  } catch (error) {
    await guard.close();
    throw error;
  }

  async function kill(): Promise<void> {
    running.signal("SIGKILL");
    await running.ended;
  }

  return {
    bootstrap: `${HOST}:${options.advertisedPort ?? client}`,
    internal: `${HOST}:${internal}`,
    ports,
    directory,
    get pid() {
      return running.pid;
    },
    async stop() {
      running.signal("SIGTERM");
      await Promise.race([running.ended, timeUp(STOP_MS_MAX)]);
      await kill();
    },
    kill,
    pause: () => running.signal("SIGSTOP"),
    resume: () => running.signal("SIGCONT"),
    async restart() {
      await kill();
      running = await start();
    },
    [Symbol.asyncDispose]: () => guard.close(),
  };
}

/** Waits until the broker has registered itself and says so to a client. @throws Error with the end of its log */
async function answering(address: string, { hasEnded }: BrokerProcess, directory: string): Promise<void> {
  const kafka = new Kafka({ brokers: [address], logLevel: logLevel.NOTHING, retry: { retries: 0 } });
  const admin = kafka.admin();
  try {
    await until(
      `a broker at ${address}`,
      async () => {
        if (hasEnded()) throw new Error("the broker ended");
        try {
          await admin.connect();
          const { brokers } = await admin.describeCluster();
          return brokers.some(({ host, port }) => `${host}:${port}` === address) ? true : null;
        } catch {
          // Not listening yet, or not yet a member of its cluster.
          return null;
        }
      },
      READY_MS_MAX,
    );
  } catch (error) {
    throw new Error(`${String(error)}; the end of its log:\n${await endOfLog(directory)}`, { cause: error });
  } finally {
    await admin.disconnect();
  }
}

async function endOfLog(directory: string): Promise<string> {
  const lines = (await readFile(logOf(directory), "utf8")).trimEnd().split("\n");
  return lines.slice(-LOG_LINES_SHOWN).join("\n");
}

/** Keeps nothing alive. */
function timeUp(ms: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, ms).unref());
}

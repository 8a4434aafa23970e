import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@tidemark/clock";
import { openContracts, openRegistry, topicSpecs } from "@tidemark/contracts";
import { openKafkaLog } from "@tidemark/log-kafka";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { ROOT } from "../integration/sandbox.ts";
import { until } from "../integration/until.ts";
import { type Apicurio, startApicurio } from "../registry/apicurio.ts";
import { checkLog, startPurchases } from "./purchase-load.ts";
import { openTopicSpace, type TopicSpace } from "./topic-space.ts";

const PARTITIONS = 4;
let registry: Apicurio;
let space: TopicSpace;
let folder: string;
const services: Service[] = [];

beforeAll(async () => {
  registry = await startApicurio();
});
beforeEach(async () => {
  space = await openTopicSpace();
  folder = await mkdtemp(join(tmpdir(), "tidemark-service-"));
});
afterEach(async () => {
  for (const { child } of services.splice(0)) child.kill("SIGKILL");
  await space[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});
afterAll(() => registry[Symbol.asyncDispose]());

test("processors started alone share the work, answer probes and scrapers, and end cleanly", async () => {
  await using log = { open: await openLog(), [Symbol.asyncDispose]: () => log.open.close() };
  await log.open.createTopics(topicSpecs(space.prefix, PARTITIONS));
  const source = await openRegistry({ kind: "confluent", url: registry.url });
  const contracts = await openContracts({ registry: source, prefix: space.prefix });
  const load = startPurchases(log.open, contracts, PARTITIONS, 20);
  const first = start("one");
  const second = start("two");
  const urls = [await addressOf(first), await addressOf(second)];
  for (const url of urls) {
    await until("it is ready", async () => ((await fetch(`${url}/readyz`)).status === 200 ? true : null));
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  }
  await until("each owns partitions", async () => {
    const owned = await Promise.all(urls.map(async (url) => partitionsIn(await metricsOf(url))));
    return owned.every((count) => count === PARTITIONS / 2) ? true : null;
  });

  expect((await start("one").ended).code).toBe(4);
  await load.stop();
  await until("all is applied", async () => {
    const counts = await Promise.all(urls.map(async (url) => appliedIn(await metricsOf(url))));
    return counts.reduce((sum, count) => sum + count, 0) >= load.records ? true : null;
  });
  for (const { child, ended } of [first, second]) {
    child.kill("SIGTERM");
    expect(await ended).toMatchObject({ code: 0 });
  }
  await checkLog(log.open, contracts, PARTITIONS);
});

test.each([
  ["without Kafka", { KAFKA_BROKERS: "", SCHEMA_REGISTRY_URL: "" }, 3, "set KAFKA_BROKERS and SCHEMA_REGISTRY_URL"],
  ["with a setting that is none", { TIDEMARK_CLOCK: "sundial" }, 3, "TIDEMARK_CLOCK must be wall or event"],
  ["where topics are missing", {}, 3, "topics create"],
  ["where no broker answers", { KAFKA_BROKERS: "127.0.0.1:1" }, 5, ""],
])("%s it says why and what to do, with the exit code of that", async (_, environment, code, message) => {
  const ended = await start("one", environment).ended;
  expect(ended.code).toBe(code);
  expect(ended.stderr).toContain(`tidemark processor: `);
  expect(ended.stderr).toContain(message);
});

interface Service {
  readonly child: ChildProcess;
  readonly ended: Promise<{ readonly code: number | null; readonly stderr: string }>;
  stdout(): string;
}

function start(machine: string, environment: Readonly<Record<string, string>> = {}): Service {
  const child = spawn("node", [join(ROOT, "services/processor/src/main.ts")], {
    cwd: folder,
    env: {
      PATH: process.env["PATH"] ?? "",
      KAFKA_BROKERS: space.brokers.join(),
      SCHEMA_REGISTRY_URL: registry.url,
      TIDEMARK_TOPIC_PREFIX: space.prefix,
      TIDEMARK_REPLICATION: "1",
      TIDEMARK_WORKERS: "1",
      TIDEMARK_PORT: "0",
      TIDEMARK_CURRENCY: "USD",
      TIDEMARK_DATA_DIR: join(folder, machine),
      ...environment,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => void (stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => void (stderr += chunk.toString()));
  const end = async () => {
    await once(child, "close");
    return { code: child.exitCode, stderr };
  };
  const service: Service = { child, ended: end(), stdout: () => stdout };
  services.push(service);
  return service;
}

function addressOf({ ended, stdout }: Service): Promise<string> {
  let end: unknown = null;
  void ended.then((ending) => (end = ending));
  return until("it answers", () => {
    if (end !== null) throw new Error(`it has ended: ${JSON.stringify(end)}`);
    return /^tidemark processor: (http:\S+)/u.exec(stdout())?.[1] ?? null;
  });
}

async function metricsOf(url: string): Promise<string> {
  return (await fetch(`${url}/metrics`)).text();
}

function partitionsIn(metrics: string): number {
  return [...metrics.matchAll(/^tidemark_lag_records\{topic="[^"]*purchases"/gmu)].length;
}

function appliedIn(metrics: string): number {
  const found = /^tidemark_events_total\{topic="[^"]*purchases",outcome="applied"\} (\d+)/mu.exec(metrics);
  return Number(found?.[1] ?? 0);
}

function openLog() {
  const replication = { factor: 1, insyncMin: 1 };
  return openKafkaLog({ brokers: space.brokers, clientId: "test", clock: systemClock(), replication });
}

import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@tidemark/clock";
import { type Contracts, createErasureNames, openContracts, openFileRegistry, topicSpecs } from "@tidemark/contracts";
import { type GroupLimits, type KafkaLog, openKafkaLog } from "@tidemark/log-kafka";
import { createScoringApplication, type KafkaDescription, type ProcessorSetup } from "@tidemark/processor";
import { createModel, defaultArtefact } from "@tidemark/scoring";
import { avroDecoder } from "./oracle/avro-values.ts";
import { checkRun, type RunSummary } from "./oracle/check-run.ts";
import { checkReplay } from "./oracle/replay-run.ts";
import { INPUT_NAMES, type RunRecords, TOPIC_NAMES } from "./oracle/run-records.ts";
import { readPlainly } from "./plain-reader.ts";
import { type ProcessorFleet, processorFleet } from "./processor-fleet.ts";
import { topicSpaceOn } from "./topic-space.ts";

/** Topics of its own on some brokers, and everything that scores on them. */
export interface Installation extends AsyncDisposable {
  /** Begins every topic and group, and ends with a dot. */
  readonly prefix: string;
  readonly partitions: number;
  readonly contracts: Contracts;
  /** Beside whatever stands between the processors and the brokers. */
  readonly log: KafkaLog;
  readonly setup: ProcessorSetup;
  /** How processors come to the brokers. */
  readonly kafka: KafkaDescription;
  readonly fleet: ProcessorFleet;
  /** A schema's text by its id; null = there is none. */
  schemaOf(id: number): string | null;
  /** Records in the inputs, as they are now. */
  inputRecords(): Promise<number>;
  /** What lies in the topics, read by a client that is not ours; nothing may write to them any more. */
  readRun(): Promise<RunRecords>;
  /** Holds what lies in the topics against all invariants, and the bytes of all outputs against a replay of the turns. */
  check(): Promise<RunSummary>;
}

export interface InstallationOptions {
  readonly brokers: readonly string[];
  /** Through which the test itself reads and writes; `brokers` if absent. */
  readonly direct?: readonly string[];
  readonly partitions: number;
  readonly replication?: { readonly factor: number; readonly insyncMin: number };
  readonly groupLimits?: Partial<GroupLimits>;
  readonly limits?: ProcessorSetup["limits"];
}

export async function openInstallation(options: InstallationOptions): Promise<Installation> {
  const { brokers, direct = brokers, partitions, replication = { factor: 1, insyncMin: 1 } } = options;
  await using open = new AsyncDisposableStack();
  const space = open.use(await topicSpaceOn(direct));
  const { prefix } = space;
  const folder = await mkdtemp(join(tmpdir(), "tidemark-installation-"));
  open.defer(() => rm(folder, { recursive: true, force: true }));
  const log = await openKafkaLog({ brokers: direct, clientId: "test", clock: systemClock(), replication });
  open.defer(() => log.close());
  await log.createTopics(topicSpecs(prefix, partitions));
  const registryFile = join(folder, "schemas.json");
  const contracts = await openContracts({ registry: await openFileRegistry(registryFile), prefix });
  const { groupLimits } = options;
  const kafka: KafkaDescription = {
    kind: "kafka",
    connection: { brokers, tls: null, sasl: null },
    clientId: "processor",
    groupId: `${prefix}processors`,
    ...(groupLimits === undefined ? {} : { groupLimits }),
  };
  const setup: ProcessorSetup = {
    topicPrefix: prefix,
    partitions,
    registry: { kind: "file", path: registryFile },
    stores: join(folder, "stores"),
    artefact: ARTEFACT,
    consentDefault: "granted",
    erasureSecret: ERASURE_SECRET,
    mode: "wall",
    clockScale: null,
    limits: options.limits ?? {},
    bootId: "one-boot",
    logLevel: "warn",
  };
  const fleet = processorFleet({ kafka, setup, folder: setup.stores });
  open.defer(() => fleet.killAll());
  const schemaOf = (id: number): string | null => {
    const { schemas } = JSON.parse(readFileSync(registryFile, "utf8")) as { readonly schemas: readonly string[] };
    return schemas[id - 1] ?? null;
  };
  const readRun = async (): Promise<RunRecords> => {
    const names = TOPIC_NAMES.map((name) => contracts.topics[name]);
    const read = await readPlainly(direct, names);
    const topics = Object.fromEntries(TOPIC_NAMES.map((name) => [name, read.get(contracts.topics[name]) ?? []]));
    return {
      partitions,
      topics: topics as RunRecords["topics"],
      fullNames: contracts.topics,
      decode: avroDecoder(schemaOf),
    };
  };
  const closing = open.move();
  return {
    prefix,
    partitions,
    contracts,
    log,
    setup,
    kafka,
    fleet,
    schemaOf,
    async inputRecords() {
      const ends = INPUT_NAMES.flatMap((name) =>
        Array.from({ length: partitions }, async (_, partition) => {
          return (await log.offsets(contracts.topics[name], partition)).end;
        }),
      );
      return (await Promise.all(ends)).reduce((sum, end) => sum + end, 0);
    },
    readRun,
    async check() {
      const run = await readRun();
      const summary = checkRun(run);
      await checkReplay(
        run,
        createScoringApplication({
          contracts,
          model: createModel(ARTEFACT),
          consentDefault: setup.consentDefault,
          clockMode: setup.mode,
          erasureNames: createErasureNames(ERASURE_SECRET),
        }),
      );
      return summary;
    },
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}

const ERASURE_SECRET = "a secret of this test and of no other";

/** The currency is that of the events that are sent. */
const ARTEFACT = defaultArtefact({ currency: "EUR" });

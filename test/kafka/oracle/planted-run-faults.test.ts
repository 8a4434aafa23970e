import { randomUUID } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@tidemark/clock";
import { type Contracts, openContracts, openFileRegistry, topicSpecs } from "@tidemark/contracts";
import { type EmbeddedLog, openEmbeddedLog } from "@tidemark/log-embedded";
import { createScoringApplication, startProcessorHere } from "@tidemark/processor";
import { createModel, defaultArtefact } from "@tidemark/scoring";
import { partitionOf } from "@tidemark/streams";
import { createLogger, createMetrics } from "@tidemark/telemetry";
import { beforeAll, describe, expect, test } from "vitest";
import { readAll } from "../../conformance/log-under-test.ts";
import { until } from "../../integration/until.ts";
import { Random } from "../../simulation/random.ts";
import { avroDecoder } from "./avro-values.ts";
import { checkRun } from "./check-run.ts";
import { inputLoad } from "./input-load.ts";
import { checkReplay } from "./replay-run.ts";
import { type ReadRecord, type RunRecords, textOf, TOPIC_NAMES, type TopicName } from "./run-records.ts";

const PREFIX = "t.";
const PARTITIONS = 2;
const RECORDS = 800;
const CUSTOMERS = 40;

/** A whole run on the embedded log, as it is; the tests break copies of what was read of it. */
let run: RunRecords;
let contracts: Contracts;

beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), "tidemark-oracle-"));
  const registryFile = join(folder, "schemas.json");
  contracts = await openContracts({ registry: await openFileRegistry(registryFile), prefix: PREFIX });
  const log = await openEmbeddedLog({ directory: join(folder, "log"), clock: systemClock() });
  await log.createTopics(topicSpecs(PREFIX, PARTITIONS));
  const processor = await startProcessorHere(
    {
      topicPrefix: PREFIX,
      partitions: PARTITIONS,
      registry: { kind: "file", path: registryFile },
      stores: join(folder, "stores"),
      artefact: defaultArtefact({ currency: "EUR" }),
      consentDefault: "granted",
      mode: "wall",
      clockScale: null,
      // However fast it is: turns enough that their order says something.
      limits: { turnRecordsMax: 50 },
      bootId: "one-boot",
      logLevel: "error",
    },
    {
      log,
      clock: systemClock(),
      token: randomUUID,
      metrics: createMetrics("thread"),
      logger: createLogger({ level: "error", name: "test" }),
    },
  );
  await feed(log);
  await until("all is applied", () => (processor.ready && processor.lagRecords === 0 ? true : null));
  await processor.stop();
  run = await readRun(log, registryFile);
  await log.close();
  await rm(folder, { recursive: true });
});

test("a run that nothing has happened to holds", async () => {
  const summary = checkRun(run);

  expect(summary.inputs).toBe(RECORDS);
  expect(summary.alerts).toBeGreaterThan(0);
  for (const kind of ["duplicate", "deadLetter", "tierChanges"] as const) expect(summary[kind]).toBeGreaterThan(5);
  expect(summary.turns).toBeGreaterThan(10);
  await checkReplay(run, application());
});

describe("a fault in what a run left is found", () => {
  test.each<readonly [string, TopicName, Break, RegExp]>([
    ["an input record that the pipeline never saw", "purchases", withAnother, /I2: every record has been taken/],
    ["a score that is lost", "scores", without, /I3: versions rise by exactly 1/],
    ["a customer's last score that is lost", "scores", withoutLast, /I3: whoever has records in a turn is scored/],
    ["a score that is there twice", "scores", doubled, /I3: versions rise by exactly 1/],
    ["scores of a customer in another order", "scores", reordered, /I3: versions rise by exactly 1/],
    ["a tier change that is lost", "tierChanges", without, /I4: tiers change as the scores do/],
    ["a tier change that is told twice", "tierChanges", doubled, /I4: no tier change is told twice/],
    ["an alert that is told twice", "churnAlerts", doubledFirst, /I5: an alert is raised and cleared once/],
    ["a dead letter that is lost", "deadLetters", without, /I2: each refused record has one dead letter/],
    ["a dead letter that is there twice", "deadLetters", doubled, /I2: each refused record has one dead letter/],
    ["a journal entry that is lost", "journal", without, /the journal topic has the turns of the changelog/],
    ["a journal entry that is there twice", "journal", doubled, /the journal topic has the turns of the changelog/],
    ["profiles of a turn that are lost", "processorState", withoutProfiles, /I1: /],
  ])("%s", (_, topic, change, invariant) => {
    expect(() => checkRun(broken(topic, change))).toThrow(invariant);
  });

  test("a version that is left out for good", () => {
    // As if a turn had counted twice: the scores from the middle on are those of one version later.
    const decode = run.decode;
    const raised = (value: Buffer | null): unknown => {
      const fields = decode(value) as { readonly version?: number; readonly reasons?: unknown; readonly from?: string };
      const isScore = fields?.reasons !== undefined && fields.from === undefined;
      return isScore && (fields.version ?? 0) > 2 ? { ...fields, version: (fields.version ?? 0) + 1 } : fields;
    };
    expect(() => checkRun({ ...run, decode: raised })).toThrow(/I3: versions rise by exactly 1/);
  });

  test("a record of an owner that had been replaced", () => {
    const decode = run.decode;
    const [first] = run.topics.journal[0] ?? [];
    const zombie = (value: Buffer | null): unknown => {
      const fields = decode(value) as { readonly turn?: number; readonly token?: string };
      const isFirst = value !== null && first?.value?.equals(value) === true;
      return isFirst ? { ...fields, token: "another" } : fields;
    };
    expect(() => checkRun({ ...run, decode: zombie })).toThrow(/I7: only the newest owner commits/);
  });

  test("input records that were taken in another order than that of time", async () => {
    const swapped = broken("purchases", (records) => {
      const [one, other] = ofOneCustomer(records);
      return records.map((record) => {
        if (record === one) return { ...record, key: other.key, value: other.value };
        if (record === other) return { ...record, key: one.key, value: one.value };
        return record;
      });
    });
    await expect(checkReplay(swapped, application())).rejects.toThrow(/R1: /);
  });

  test("an alert that is lost", async () => {
    await expect(checkReplay(broken("churnAlerts", withoutFirst), application())).rejects.toThrow(/R1: /);
  });

  test("a score with another number in it", async () => {
    const changed = broken("scores", (records) =>
      records.map((record, index) => {
        if (index !== 3 || record.value === null) return record;
        const value = Buffer.from(record.value);
        value[30] = (value[30] ?? 0) ^ 1;
        return { ...record, value };
      }),
    );
    await expect(checkReplay(changed, application())).rejects.toThrow(/R1: a replayed turn emits the same records/);
  });
});

type Break = (records: readonly ReadRecord[]) => readonly ReadRecord[];

/** A copy with one topic's records of partition 0 changed. */
function broken(topic: TopicName, change: Break): RunRecords {
  const [first = [], ...others] = run.topics[topic];
  return { ...run, topics: { ...run.topics, [topic]: [change(first), ...others] } };
}

const PLACE = 2;

function without(records: readonly ReadRecord[]): readonly ReadRecord[] {
  return records.filter((_, index) => index !== PLACE);
}

function withoutFirst(records: readonly ReadRecord[]): readonly ReadRecord[] {
  return records.slice(1);
}

function doubledFirst(records: readonly ReadRecord[]): readonly ReadRecord[] {
  return [...records.slice(0, 1), ...records];
}

function withoutLast(records: readonly ReadRecord[]): readonly ReadRecord[] {
  return records.slice(0, -1);
}

function doubled(records: readonly ReadRecord[]): readonly ReadRecord[] {
  return records.flatMap((record, index) => (index === PLACE ? [record, record] : [record]));
}

function withAnother(records: readonly ReadRecord[]): readonly ReadRecord[] {
  const last = records.at(-1);
  return last === undefined ? [] : [...records, { ...last, offset: last.offset + 1 }];
}

function withoutProfiles(records: readonly ReadRecord[]): readonly ReadRecord[] {
  const lastOfEach = new Map(records.map((record) => [textOf(record.key), record]));
  const lost = [...lastOfEach.values()].find(({ key }) => textOf(key).startsWith("p"));
  return records.filter((record) => record !== lost);
}

function reordered(records: readonly ReadRecord[]): readonly ReadRecord[] {
  const [one, other] = ofOneCustomer(records);
  return records.map((record) => (record === one ? other : record === other ? one : record));
}

/** Two records of a customer, the one after the other. */
function ofOneCustomer(records: readonly ReadRecord[]): readonly [ReadRecord, ReadRecord] {
  const known = new Map<string, ReadRecord>();
  for (const record of records) {
    const before = known.get(textOf(record.key));
    if (before !== undefined && run.decode(before.value) !== null && run.decode(record.value) !== null) {
      return [before, record];
    }
    known.set(textOf(record.key), record);
  }
  throw new Error("no customer has two records");
}

function application() {
  return createScoringApplication({
    contracts,
    model: createModel(defaultArtefact({ currency: "EUR" })),
    consentDefault: "granted",
    clockMode: "wall",
  });
}

/** Some records at a time, so that there are many turns; two of them in a partition that is not theirs. */
async function feed(log: EmbeddedLog): Promise<void> {
  const load = inputLoad(contracts, new Random(3), Date.now(), CUSTOMERS);
  for (let sent = 0; sent < RECORDS; sent += BATCH) {
    const batch = Array.from({ length: BATCH }, () => load.next());
    const isForeign = sent === 0;
    const byPlace = Map.groupBy(batch, ({ input, key }, index) => {
      const partition = partitionOf(key, PARTITIONS);
      return `${input}/${isForeign && index < 2 ? 1 - partition : partition}`;
    });
    await log.append(
      [...byPlace].map(([place, records]) => {
        const [input = "", partition = ""] = place.split("/");
        return { topic: `${PREFIX}${input}`, partition: Number(partition), records };
      }),
    );
  }
}

const BATCH = 10;

async function readRun(log: EmbeddedLog, registryFile: string): Promise<RunRecords> {
  const { schemas } = JSON.parse(await readFile(registryFile, "utf8")) as { readonly schemas: readonly string[] };
  const read = async (name: TopicName): Promise<readonly (readonly ReadRecord[])[]> =>
    Promise.all(
      Array.from({ length: PARTITIONS }, async (_, partition) =>
        (await readAll(log, contracts.topics[name], partition)).map(({ offset, appendedAt, key, value }) => ({
          offset,
          appendedAt,
          key: key === null ? null : Buffer.from(key),
          value: value === null ? null : Buffer.from(value),
        })),
      ),
    );
  const topics = Object.fromEntries(
    await Promise.all(TOPIC_NAMES.map(async (name) => [name, await read(name)] as const)),
  ) as RunRecords["topics"];
  return {
    partitions: PARTITIONS,
    topics,
    fullNames: contracts.topics,
    decode: avroDecoder((id) => schemas[id - 1] ?? null),
  };
}

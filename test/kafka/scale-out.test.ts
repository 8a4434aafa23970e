import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@tidemark/clock";
import { type Contracts, openContracts, openFileRegistry, topicSpecs } from "@tidemark/contracts";
import { type KafkaLog, openKafkaLog } from "@tidemark/log-kafka";
import { defaultArtefact } from "@tidemark/scoring";
import { afterEach, beforeEach, expect, test } from "vitest";
import { until } from "../integration/until.ts";
import { applied, type FleetMember, type ProcessorFleet, processorFleet, settled } from "./processor-fleet.ts";
import { checkLog, type PurchaseLoad, startPurchases } from "./purchase-load.ts";
import { openTopicSpace, type TopicSpace } from "./topic-space.ts";

const PARTITIONS = 4;
const LONG = process.env["TIDEMARK_TEST_LONG"] === "1";
/** What runs in operation has 10 s; here the dead are missed sooner. */
const SESSION_MS = LONG ? 10_000 : 3_000;
const LOAD_EVERY_MS = 20;

let space: TopicSpace;
let folder: string;
let log: KafkaLog;
let contracts: Contracts;
let fleet: ProcessorFleet;
let load: PurchaseLoad;

beforeEach(async () => {
  space = await openTopicSpace();
  folder = await mkdtemp(join(tmpdir(), "tidemark-fleet-"));
  const registryFile = join(folder, "schemas.json");
  const { brokers, prefix } = space;
  log = await openKafkaLog({
    brokers,
    clientId: "load",
    clock: systemClock(),
    replication: { factor: 1, insyncMin: 1 },
  });
  await log.createTopics(topicSpecs(prefix, PARTITIONS));
  contracts = await openContracts({ registry: await openFileRegistry(registryFile), prefix });
  const groupLimits = { sessionMs: SESSION_MS, rebalanceMs: SESSION_MS };
  fleet = processorFleet({
    kafka: {
      kind: "kafka",
      connection: { brokers, tls: null, sasl: null },
      clientId: "processor",
      groupId: `${prefix}processors`,
      groupLimits,
    },
    setup: {
      topicPrefix: prefix,
      partitions: PARTITIONS,
      registry: { kind: "file", path: registryFile },
      stores: folder,
      artefact: defaultArtefact(),
      consentDefault: "granted",
      mode: "wall",
      clockScale: null,
      limits: {},
      bootId: "one-boot",
      logLevel: "warn",
    },
    folder,
  });
  load = startPurchases(log, contracts, PARTITIONS, LOAD_EVERY_MS);
});
afterEach(async () => {
  await load.stop();
  await fleet.killAll();
  await log.close();
  await space[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

test("processors that join, leave, are killed, or are stopped beyond their session lose no event and double none", async ({
  annotate,
}) => {
  const first = fleet.start("machine-1");
  await settled([first], PARTITIONS);
  const second = fleet.start("machine-2");
  await settled([first, second], PARTITIONS);
  expect(second.line?.partitions).toHaveLength(2);

  await leaves(second, [first]);
  const third = fleet.start("machine-3");
  await settled([first, third], PARTITIONS);
  await third.kill();
  await settled([first], PARTITIONS);

  const fourth = fleet.start("machine-2");
  await settled([first, fourth], PARTITIONS);
  first.child.kill("SIGSTOP");
  await settled([fourth], PARTITIONS);
  first.child.kill("SIGCONT");
  await settled([first, fourth], PARTITIONS);
  expect(first.stderr).toContain("TASK_FENCED");
  await annotate(await finish([first, fourth]));
});

test("partitions move between the threads of a process and other processes, each with the stores of its machine", async ({
  annotate,
}) => {
  const one = fleet.start("machine-1", 2);
  await settled([one], PARTITIONS);
  const other = fleet.start("machine-2", 2);
  await settled([one, other], PARTITIONS);
  expect(one.line?.partitions).toHaveLength(2);
  await leaves(other, [one]);
  await annotate(await finish([one]));
});

test.runIf(LONG)(
  "a rolling restart of three processors under load loses nothing and doubles nothing",
  async ({ annotate }) => {
    const names = ["machine-1", "machine-2", "machine-3"];
    const members = names.map((name) => fleet.start(name));
    await settled(members, PARTITIONS);
    for (let round = 0; round < 3; round++) {
      for (const [index, name] of names.entries()) {
        const leaving = members[index];
        if (leaving === undefined) continue;
        await leaves(
          leaving,
          members.filter((member) => member !== leaving),
        );
        members[index] = fleet.start(name);
        await settled(members, PARTITIONS);
      }
    }
    expect(members.map(({ line }) => line?.ready)).toEqual([true, true, true]);
    await annotate(await finish(members));
  },
  300_000,
);

/** SIGTERM: it ends cleanly, and the others have its partitions. */
async function leaves(member: FleetMember, others: readonly FleetMember[]): Promise<void> {
  expect(await member.stop()).toBe(0);
  expect(member.stderr).not.toContain('"level":"error"');
  await settled(others, PARTITIONS);
}

/** Ends the load and the processors, and holds what they left against the invariants. @returns what was measured */
async function finish(members: readonly FleetMember[]): Promise<string> {
  const recordsBefore = load.records;
  await until("the load goes on", () => (load.records > recordsBefore + 500 ? true : null));
  await load.stop();
  await applied(members, load.records);
  for (const member of members) expect(await member.stop()).toBe(0);
  const gapMs = await checkLog(log, contracts, PARTITIONS);
  expect(gapMs).toBeLessThan(SESSION_MS + 20_000);
  return `${load.records} purchases; longest time in which a partition told no new score: ${gapMs} ms`;
}

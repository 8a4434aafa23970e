import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@tidemark/clock";
import { type ModelRole, openContracts, openFileRegistry, topicSpecs } from "@tidemark/contracts";
import { openEmbeddedLog } from "@tidemark/log-embedded";
import { type Artefact, artefactText, createModel, defaultArtefact, modelHash, modelIdOf } from "@tidemark/scoring";
import { PRESETS, type Scorecard } from "@tidemark/scoring/scorecards";
import { LogUnavailable } from "@tidemark/streams";
import { expect, test } from "vitest";
import { type ModelEntry, ModelLibrary } from "./model-library.ts";

const PLACE = { currency: "EUR", timeZone: "UTC" };
const FIRST = named(defaultArtefact(PLACE), "1");
const startUp = createModel(defaultArtefact(PLACE));
const crvp = PRESETS.get("crvp") as Scorecard;

test("in force is the newest champion; what is at hand stays so, and before the first it is the model of the start", async () => {
  await using topic = await openTopic();
  const { library } = topic;
  expect(library.current).toBe(startUp);
  await topic.publish(FIRST);
  await topic.publish(named(FIRST, "2"), "CHALLENGER");
  await library.catchUp();
  expect(library.current.ref).toEqual({ name: "mine", version: "1" });
  expect(library.byRef({ name: "mine", version: "2" })?.artefact.version).toBe("2");
  await topic.publish(named(FIRST, "3"));
  await topic.publish(FIRST, "RETIRED");
  await library.catchUp();
  expect(library.current.ref.version).toBe("3");
  for (const model of [startUp, createModel(FIRST), createModel(named(FIRST, "3"))]) {
    expect(library.byId(modelIdOf(model))?.hash).toBe(model.hash);
  }
  // To go back is to publish it once more.
  await topic.publish(FIRST);
  await library.catchUp();
  expect(library.current.ref.version).toBe("1");
  expect(library.entries.map(({ version, role }) => [version, role])).toEqual([
    ["1", "CHAMPION"],
    ["2", "CHALLENGER"],
    ["3", "CHAMPION"],
  ]);
});

const BAD: readonly (readonly [what: string, code: string, reason: RegExp, artefact: unknown])[] = [
  ["of another currency", "MODEL_OTHER_CURRENCY", /USD/u, named({ ...FIRST, currency: "USD" }, "bad")],
  ["of another time zone", "MODEL_OTHER_TIME_ZONE", /Europe\/Berlin/u, { ...FIRST, timeZone: "Europe/Berlin" }],
  ["with a term that is not known", "MODEL_INVALID", /season/u, { ...FIRST, season: [1] }],
  ["with a share above 1", "MODEL_INVALID", /\/marginRate/u, { ...FIRST, marginRate: 2 }],
  [
    "with a number that is not finite",
    "MODEL_INVALID",
    /\/spend\/v/u,
    { ...FIRST, spend: { p: 1, q: 2, v: Infinity } },
  ],
  ["with the name of another version", "MODEL_VERSION_CHANGED", /never changes/u, { ...FIRST, marginRate: 0.31 }],
  [
    "with tiers by a scorecard it does not have",
    "MODEL_INVALID",
    /\/tiers\/by\/scorecard/u,
    { ...FIRST, tiers: { ...FIRST.tiers, by: { scorecard: "rfm", levels: [{ tier: "GOLD", fromPoints: 1 }] } } },
  ],
  [
    "with a scorecard that judges by a protected attribute",
    "MODEL_INVALID",
    /\/scorecards\/0\/dimensions\/0\/items\/0\/indicator: is a protected attribute/u,
    { ...FIRST, scorecards: [protectedCard()] },
  ],
];

test.each(BAD)("an artefact %s is refused, and what was in force stays", async (_, code, reason, artefact) => {
  await using topic = await openTopic();
  await topic.publish(FIRST);
  const version = code === "MODEL_VERSION_CHANGED" ? "1" : "bad";
  await topic.publish({ ...(artefact as Artefact), version });
  await topic.library.catchUp();
  expect(topic.library.current.hash).toBe(modelHash(FIRST));
  expect(topic.refused).toMatchObject([{ name: "mine", version, refusal: { code } }]);
  expect(topic.refused[0]?.refusal?.reason).toMatch(reason);
  expect(topic.library.entries.filter(({ refusal }) => refusal !== null).length).toBe(1);
  // It is no obstacle to what comes after it.
  await topic.publish(named(FIRST, "next"));
  await topic.library.catchUp();
  expect(topic.library.current.ref.version).toBe("next");
});

test("a record that is no artefact at all, and one that is not what its hash says, are refused", async () => {
  await using topic = await openTopic();
  await topic.append(Buffer.from("garbage"));
  await topic.publish(FIRST, "CHAMPION", "0".repeat(64));
  await topic.library.catchUp();
  expect(topic.library.champion).toBe(null);
  expect(topic.refused.map(({ refusal }) => refusal?.code)).toEqual(["MODEL_UNREADABLE", "MODEL_HASH_DIFFERS"]);
});

test("while the topic is read for the first time none of its champions is in force but the one of the start, also where reading is interrupted", async () => {
  await using topic = await openTopic();
  for (const version of ["1", "2", "3"]) await topic.publish(named(FIRST, version));
  const inForce: string[] = [];
  let fetches = 0;
  const library: ModelLibrary = new ModelLibrary({
    ...topic.options,
    startUp: createModel(named(FIRST, "3")),
    log: {
      ...topic.options.log,
      offsets: (...place) => topic.options.log.offsets(...place),
      fetch: async (positions, options) => {
        inForce.push(library.current.ref.version);
        // One record a fetch, and none now and then.
        if (++fetches % 2 === 0) throw new LogUnavailable("the log is away");
        return topic.options.log.fetch(positions, { ...options, bytesMaxPerPartition: 1 });
      },
    },
  });
  for (let attempt = 1; attempt <= 3; attempt++) await library.catchUp().catch(() => undefined);
  expect(inForce).toEqual(["3", "3", "3", "3", "3"]);
  await topic.publish(named(FIRST, "4"));
  fetches = 0;
  await library.catchUp();
  expect(library.current.ref.version).toBe("4");
});

test("a topic that has nothing to give for a moment is read on: what it had is known, or nothing is in force but the model of the start", async () => {
  await using topic = await openTopic();
  await topic.publish(FIRST);
  let fetches = 0;
  const library = new ModelLibrary({
    ...topic.options,
    log: {
      ...topic.options.log,
      offsets: (...place) => topic.options.log.offsets(...place),
      fetch: async (positions, options) => {
        const slices = await topic.options.log.fetch(positions, options);
        if (++fetches > 1) return slices;
        return slices.map((slice, index) => ({ ...slice, records: [], offsetNext: positions[index]?.offset ?? 0 }));
      },
    },
  });
  await library.catchUp();
  expect(library.champion?.ref.version).toBe("1");
});

test("who follows the topic hears of a champion while it waits", async () => {
  await using topic = await openTopic();
  const { library } = topic;
  const stop = new AbortController();
  const caughtUp = Promise.withResolvers<void>();
  const failures: unknown[] = [];
  const running = library.run(stop.signal, {
    clock: systemClock(),
    onCaughtUp: caughtUp.resolve,
    onProblem: (error) => failures.push(error),
  });
  await caughtUp.promise;
  await topic.publish(FIRST);
  await expect.poll(() => library.current.ref.version, { timeout: 10_000 }).toBe("1");
  stop.abort();
  await running;
  expect(failures).toEqual([]);
});

function named(artefact: Artefact, version: string): Artefact {
  return { ...artefact, name: "mine", version };
}

function protectedCard(): Scorecard {
  const [dimension] = crvp.dimensions;
  const [item] = dimension?.items ?? [];
  if (dimension === undefined || item === undefined) throw new Error("the preset has a dimension");
  return { ...crvp, dimensions: [{ ...dimension, items: [{ ...item, indicator: "custom.age" }] }] };
}

async function openTopic() {
  const folder = await mkdtemp(join(tmpdir(), "tidemark-library-"));
  const registry = await openFileRegistry(join(folder, "schemas.json"));
  const contracts = await openContracts({ registry, prefix: "t." });
  const log = await openEmbeddedLog({ directory: join(folder, "log"), clock: systemClock() });
  await log.createTopics(topicSpecs("t.", 1));
  const refused: ModelEntry[] = [];
  const options = { log, contracts, place: PLACE, startUp, onRefused: (entry: ModelEntry) => refused.push(entry) };
  const library = new ModelLibrary(options);
  const append = async (value: Buffer): Promise<void> => {
    const records = [{ key: Buffer.from("key"), value }];
    await log.append([{ topic: contracts.topics.models, partition: 0, records }]);
  };
  return {
    library,
    options,
    refused,
    append,
    async publish(artefact: Artefact, role: ModelRole = "CHAMPION", hash = modelHash(artefact)) {
      const { name, version, fitted } = artefact;
      const record = { name, version, role, hash, artefact: artefactText(artefact), fitted, createdAt: 1 };
      await append(Buffer.from(contracts.codecs.models.encode(record)));
    },
    async [Symbol.asyncDispose]() {
      await log.close();
      await rm(folder, { recursive: true });
    },
  };
}

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@tidemark/clock";
import { openContracts, openFileRegistry, topicSpecs } from "@tidemark/contracts";
import { openEmbeddedLog } from "@tidemark/log-embedded";
import { type Artefact, artefactText, defaultArtefact, fittedArtefact, modelHash } from "@tidemark/scoring";
import { expect, test } from "vitest";
import { isUnused, keepModel, mayKeepModel, readKeptModel } from "./kept-model.ts";

const artefact = fittedArtefact(defaultArtefact({ currency: "EUR" }), {
  purchases: { r: 0.1 + 0.2, alpha: 7, a: 0.9, b: 1 / 3 },
  spend: { p: 5, q: 4, v: 1e21 },
});

test("a model is found again as it was kept, and then none may be kept any more", async () => {
  await using data = await openModelTopic();
  expect(await readKeptModel(data)).toBe(null);
  expect(await mayKeepModel(data)).toBe(true);
  await keepModel(data, artefact, systemClock());
  expect(await readKeptModel(data)).toEqual(artefact);
  expect(await mayKeepModel(data)).toBe(false);
});

test.each(["purchases", "interactions", "complaints", "customers", "ticks", "journal"] as const)(
  "after anything in %s no model may be kept",
  async (topic) => {
    await using data = await openModelTopic();
    const record = { key: null, value: Buffer.of(1) };
    await data.log.append([{ topic: data.contracts.topics[topic], partition: 1, records: [record] }]);
    expect(await mayKeepModel(data)).toBe(false);
    expect(await isUnused(data)).toBe(false);
  },
);

test("an installation is unused with the default parameters, whatever they are overridden by, and not with a model of somebody's", async () => {
  await using data = await openModelTopic();
  expect(await isUnused(data)).toBe(true);
  for (const own of [defaultArtefact(), defaultArtefact({ currency: "JPY", churnHorizonDays: 30 })]) {
    await keepModel(data, own, systemClock());
    expect(await isUnused(data)).toBe(true);
  }
  await keepModel(data, { ...defaultArtefact(), version: "ours" }, systemClock(), "CHALLENGER");
  expect(await isUnused(data)).toBe(false);
  await using other = await openModelTopic();
  await keepModel(other, artefact, systemClock());
  expect(await isUnused(other)).toBe(false);
});

test("a model of another release, and one that is not what its hash says, are refused", async () => {
  const newer = { ...artefact, season: [1, 2] } as Artefact;
  await using data = await openModelTopic();
  await keepModel(data, newer, systemClock());
  await expect(readKeptModel(data)).rejects.toMatchObject({ code: "MODEL_UNUSABLE" });

  await using other = await openModelTopic();
  const text = artefactText({ ...artefact, marginRate: 0.5 });
  const { name, version, fitted } = artefact;
  const value = other.contracts.codecs.models.encode({
    name,
    version,
    role: "CHAMPION",
    hash: modelHash(artefact),
    artefact: text,
    fitted,
    createdAt: 1,
  });
  const key = Buffer.from("fitted");
  await other.log.append([{ topic: other.contracts.topics.models, partition: 0, records: [{ key, value }] }]);
  await expect(readKeptModel(other)).rejects.toMatchObject({ code: "MODEL_UNUSABLE" });
});

async function openModelTopic() {
  const folder = await mkdtemp(join(tmpdir(), "tidemark-models-"));
  const registry = await openFileRegistry(join(folder, "schemas.json"));
  const contracts = await openContracts({ registry, prefix: "t." });
  const log = await openEmbeddedLog({ directory: join(folder, "log"), clock: systemClock() });
  await log.createTopics(topicSpecs("t.", 2));
  return {
    log,
    contracts,
    async [Symbol.asyncDispose]() {
      await log.close();
      await rm(folder, { recursive: true });
    },
  };
}

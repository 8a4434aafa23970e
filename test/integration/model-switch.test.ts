import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createScoringApplication } from "@tidemark/processor";
import { type Artefact, createModel, defaultArtefact, modelHash, shelfOf } from "@tidemark/scoring";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkReplay } from "../kafka/oracle/replay-run.ts";
import { type RunRecords, TOPIC_NAMES } from "../kafka/oracle/run-records.ts";
import { Random } from "../simulation/random.ts";
import { openDataLog } from "./data-log.ts";
import { openSandbox, type Sandbox, type Server } from "./sandbox.ts";
import { until } from "./until.ts";

const ROWS = 3_000;
const CUSTOMERS = 200;
const FIRST = defaultArtefact({ currency: "EUR", timeZone: "UTC" });
/** The same customers reach higher tiers. */
const SECOND: Artefact = {
  ...FIRST,
  name: "mine",
  version: "1",
  tiers: {
    ...FIRST.tiers,
    thresholds: FIRST.tiers.thresholds.map(({ tier, fromMajor }) => ({ tier, fromMajor: fromMajor / 50 })),
  },
};
let sandbox: Sandbox;
const data = ["--data-dir", "shop"];

beforeAll(async () => {
  sandbox = await openSandbox();
  const random = new Random(5);
  const start = Date.now() - 60 * 86_400_000;
  const lines = Array.from({ length: ROWS }, (_, row) => {
    const day = new Date(start + Math.floor((row * 40) / ROWS) * 86_400_000).toISOString().slice(0, 10);
    return `c-${random.integer(CUSTOMERS)},${day},0.${10 + random.integer(40)}`;
  });
  await writeFile(join(sandbox.folder, "purchases.csv"), ["customer,date,amount", ...lines, ""].join("\n"));
});
afterAll(() => sandbox[Symbol.asyncDispose]());

test("a model that is published comes into force while the pipeline runs, and all customers are scored again", async () => {
  // Few buy twice: nothing is fitted.
  const imported = await sandbox.run(["import", "purchases.csv", "--currency", "EUR", ...data]);
  expect(imported).toMatchObject({ code: 0 });
  expect(await listed()).toMatchObject([{ ...refOf(FIRST), inForce: true, refusal: null }]);

  const server = await sandbox.start([...data, "--log-level", "info"]);
  await refused({ ...SECOND, currency: "USD" }, "MODEL_OTHER_CURRENCY");
  await refused({ ...SECOND, marginRate: 2 }, "MODEL_INVALID");
  await refused({ ...FIRST, marginRate: 0.5 }, "MODEL_VERSION_CHANGED");
  expect(await listed()).toMatchObject([{ ...refOf(FIRST), inForce: true }]);

  expect(await publish(SECOND)).toMatchObject({ code: 0 });
  await scoredBy(server, SECOND);
  expect(await listed()).toMatchObject([
    { ...refOf(FIRST), inForce: false },
    { ...refOf(SECOND), inForce: true, hash: modelHash(SECOND) },
  ]);
  expect(await server.stop()).toMatchObject({ code: 0 });
  const { causes, models, sweeping } = await contentOf("shop");
  expect(causes.MODEL).toBeGreaterThan(CUSTOMERS / 4);
  expect(models).toEqual(new Set([`${SECOND.name}/${SECOND.version}`]));
  expect(sweeping).toBe(false);

  // A start scores with what is in force, and to go back is to publish the earlier one again.
  const again = await sandbox.start(data);
  await scoredBy(again, SECOND);
  expect(await publish(FIRST)).toMatchObject({ code: 0 });
  await scoredBy(again, FIRST);
  expect(await again.stop()).toMatchObject({ code: 0 });
  expect((await contentOf("shop")).models).toEqual(new Set([`${FIRST.name}/${FIRST.version}`]));

  await replayed("shop");
}, 180_000);

test("figures of the base make a preset know its customers, and give tiers by it", async () => {
  const own = ["--data-dir", "base"];
  expect(await sandbox.run(["import", "purchases.csv", "--currency", "EUR", ...own])).toMatchObject({ code: 0 });
  await writeFile(join(sandbox.folder, "card.json"), JSON.stringify({ ...CARD, name: "ours" }));
  const server = await sandbox.start([...own, "--scorecards", "card.json"]);
  const before = await explained(server);
  expect(before.get("crvp")).toMatchObject({ points: null, grade: null });
  expect(before.get("ours")).toMatchObject({ grade: "any", completeness: 1 });

  const drafted = await sandbox.run(["models", "base", "--tiers-by", "crvp", "--out", "drafted.json", ...own]);
  expect(drafted).toMatchObject({ code: 0 });
  expect(await sandbox.run(["models", "publish", "drafted.json", ...own])).toMatchObject({ code: 0 });
  const { version } = JSON.parse(await readFile(join(sandbox.folder, "drafted.json"), "utf8")) as Artefact;
  const tiers = new Map<string, number>();
  for (let customer = 0; customer < CUSTOMERS; customer++) {
    const grade = await until(`c-${customer} is scored by it`, async () => {
      const { score } = (await (await fetch(`${server.url}/v1/customers/c-${customer}`)).json()) as ScoreAnswer;
      return score.model.version === version ? score.tier : null;
    });
    tiers.set(grade, (tiers.get(grade) ?? 0) + 1);
  }
  // Quintiles of this very base: no tier has nearly all of it.
  expect(Math.max(...tiers.values())).toBeLessThan(0.8 * CUSTOMERS);
  expect((await explained(server)).get("crvp")).toMatchObject({ completeness: 1 });
  expect(await server.stop()).toMatchObject({ code: 0 });

  const bad = { ...CARD, dimensions: [{ name: "d", weight: 1, items: [{ ...ITEM, indicator: "custom.gender" }] }] };
  await writeFile(join(sandbox.folder, "card.json"), JSON.stringify(bad));
  const refusal = await sandbox.run(["score", "c-1", "--scorecards", "card.json", ...own]);
  expect(refusal.code).toBe(3);
  expect(refusal.stderr).toContain("card.json: /dimensions/0/items/0/indicator is a protected attribute");
}, 180_000);

const ITEM = { indicator: "frequency", weight: 1, bins: { kind: "fixed", cuts: [5], points: [0, 100] } };
const CARD = {
  name: "card",
  version: 1,
  doc: "Who comes often.",
  completenessMin: 0.5,
  dimensions: [{ name: "d", weight: 1, items: [ITEM] }],
  grades: [{ grade: "any" }],
};

interface ScoreAnswer {
  readonly score: { readonly tier: string; readonly model: { readonly version: string } };
}

async function explained(server: Server) {
  const answer = await until("the views are ready", async () => {
    const found = await fetch(`${server.url}/v1/customers/c-1/explanation`);
    return found.status === 200 ? found : null;
  });
  const { scorecards } = (await answer.json()) as { readonly scorecards: readonly { readonly scorecard: string }[] };
  return new Map(scorecards.map((card) => [card.scorecard, card]));
}

async function publish(artefact: Artefact) {
  await writeFile(join(sandbox.folder, "artefact.json"), JSON.stringify(artefact));
  return sandbox.run(["models", "publish", "artefact.json", ...data]);
}

async function refused(artefact: Artefact, code: string): Promise<void> {
  const { code: exitCode, stderr } = await publish(artefact);
  expect({ exitCode, stderr }).toMatchObject({ exitCode: 3, stderr: expect.stringContaining(code) as string });
}

async function listed(): Promise<unknown> {
  return JSON.parse((await sandbox.run(["models", "list", "--json", ...data])).stdout) as unknown;
}

function refOf({ name, version }: Artefact) {
  return { name, version };
}

/** Resolves when every customer's newest score is the model's, and what is computed now too. */
async function scoredBy(server: Server, artefact: Artefact): Promise<void> {
  for (let customer = 0; customer < CUSTOMERS; customer++) {
    await until(`c-${customer} is scored by ${artefact.name}`, async () => {
      const answer = await fetch(`${server.url}/v1/customers/c-${customer}`);
      if (answer.status !== 200) return null;
      const { score, now } = (await answer.json()) as Record<"score" | "now", { model: { name: string } }>;
      return score.model.name === artefact.name && now.model.name === artefact.name ? true : null;
    });
  }
}

async function contentOf(directory: string) {
  await using log = await openDataLog(join(sandbox.folder, directory));
  const { topics, codecs } = log.contracts;
  const newest = new Map<string, { readonly version: number; readonly model: string }>();
  for (const { key, value } of (await log.read(topics.scores)).flat()) {
    if (value === null) continue;
    const { version, model } = codecs.scores.decode(value);
    const id = Buffer.from(key ?? []).toString();
    expect(version).toBe((newest.get(id)?.version ?? version - 1) + 1);
    newest.set(id, { version, model: `${model.name}/${model.version}` });
  }
  const causes: Record<string, number> = { EVENT: 0, TIME: 0, MODEL: 0 };
  for (const { value } of (await log.read(topics.tierChanges)).flat()) {
    const { cause } = codecs.tierChanges.decode(value ?? new Uint8Array());
    causes[cause] = (causes[cause] ?? 0) + 1;
  }
  const last = (await log.read(topics.journal)).map((records) =>
    codecs.journal.decode(records.at(-1)?.value ?? new Uint8Array()),
  );
  return {
    causes: causes as { readonly EVENT: number; readonly TIME: number; readonly MODEL: number },
    models: new Set([...newest.values()].map(({ model }) => model)),
    sweeping: last.some(({ sweepAfter }) => sweepAfter !== null),
  };
}

/** R1: the bytes of every turn come again of its entry and its records, those of sweeps too. */
async function replayed(directory: string): Promise<void> {
  await using log = await openDataLog(join(sandbox.folder, directory));
  const { contracts, partitions } = log;
  const topics = Object.fromEntries(
    await Promise.all(TOPIC_NAMES.map(async (name) => [name, await log.read(contracts.topics[name])] as const)),
  ) as unknown as RunRecords["topics"];
  const models = shelfOf(createModel(FIRST), createModel(SECOND));
  await checkReplay(
    { partitions, topics, fullNames: contracts.topics, decode: () => null },
    createScoringApplication({
      contracts,
      model: models.current,
      models,
      consentDefault: "granted",
      clockMode: "wall",
    }),
  );
}

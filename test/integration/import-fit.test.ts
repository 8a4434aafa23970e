import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { gunzipSync } from "node:zlib";
import { type Artefact, modelHash } from "@tidemark/scoring";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Random } from "../simulation/random.ts";
import { openDataLog } from "./data-log.ts";
import { type Finished, openSandbox, ROOT, type Running, type Sandbox } from "./sandbox.ts";

/** Published maximum-likelihood parameters of the sample's calibration period, in weeks and dollars. */
const PURCHASES = { r: 0.5248432, alpha: 6.1830863, a: 0.8913592, b: 1.6140018 };
const SPEND = { p: 6.24957, q: 3.74422, v: 15.44353 };
const DEFAULTS = { purchases: PURCHASES, spend: SPEND };

/** A process a command takes its time on a machine that has other work. */
const LOADED_MS = 600_000;

let sandbox: Sandbox;

beforeAll(async () => {
  sandbox = await openSandbox();
  await writeFile(join(sandbox.folder, "cdnow.csv"), await sample());
});
afterAll(() => sandbox[Symbol.asyncDispose]());

describe("the sample up to the end of its calibration", { timeout: LOADED_MS }, () => {
  const words = ["--clock", "event", "--until", "1997-09-30", "--currency", "USD"];
  let imported: Finished;
  let model: InspectedModel;

  beforeAll(async () => {
    imported = await importInto("sample", ["cdnow.csv", ...words, "--json"]);
    model = await inspectedModel("sample");
  }, LOADED_MS);

  test("gives the published optimum, and says so", () => {
    expect(imported.code).toBe(0);
    expect(JSON.parse(imported.stdout)).toMatchObject({ rows: 6919, accepted: 4960, afterUntil: 1959 });
    expect(imported.stderr).toMatch(
      /^fitted MBG\/NBD and Gamma-Gamma to 946 repeat buyers of 2,357 customers: r 0\.52\d+, α 6\.1\d+, a 0\.89\d+, b 1\.61\d+; p 6\.2\d+, q 3\.7\d+, v 15\.4\d+$/mu,
    );
    expect(model).toMatchObject({ name: "fitted", fitted: true, timeUnitDays: 7, currency: "USD" });
    expectNear(model.purchases, PURCHASES);
    expectNear(model.spend, SPEND);
    // Not the default parameters, which are the published ones: what a search of our own has found.
    expect(model.purchases).not.toEqual(PURCHASES);
  });

  test("is what everything goes by, also after a restart", async () => {
    const { name, version } = model;
    const { kept } = await expectOneModel("sample", model);
    expect(kept).toMatchObject([{ role: "CHAMPION", fitted: true }]);
    expect(modelHash(JSON.parse(kept[0]?.artefact ?? "") as Artefact)).toBe(kept[0]?.hash);

    const asked = await sandbox.run(["score", "00004", "--json", "--data-dir", "sample"]);
    expect(JSON.parse(asked.stdout)).toMatchObject({ score: { model: { name, version, fitted: true } } });
    const server = await sandbox.start(["--data-dir", "sample"]);
    const answer = (await (await fetch(`${server.url}/v1/customers/00004`)).json()) as Record<string, unknown>;
    expect(answer).toMatchObject({ score: { model: { name, version } }, now: { model: { name, version } } });
    expect((await server.stop()).code).toBe(0);
    // A setting makes another artefact of it, with the same parameters.
    const environment = { TIDEMARK_CHURN_HORIZON_DAYS: "30" };
    const shorter = await sandbox.run(["inspect", "--json", "--data-dir", "sample"], { environment });
    const { model: other } = JSON.parse(shorter.stdout) as { model: InspectedModel };
    expect(other).toEqual({ ...model, version: expect.stringMatching(`^${version}\\+[0-9a-f]{12}$`) as string });
  });

  test("is not fitted again by what comes later, which is told so", async () => {
    const rest = await importInto("sample", ["cdnow.csv", "--json"]);
    expect(JSON.parse(rest.stdout)).toMatchObject({ accepted: 1959, duplicate: 4960 });
    expect(rest.stderr).toContain(`scores use the model that was fitted before`);
    expect(rest.stderr).toContain(`(fitted ${model.version})`);
    expect(await inspectedModel("sample")).toEqual(model);
  });

  test("is fitted to standard input alike, up to its last day or to --until", async () => {
    const rows = (await sample()).trimEnd().split("\n");
    const input = rows.filter((row) => !/,(19971[0-2]|1998)/u.test(row)).join("\n");
    const modelOf = async (directory: string, until: readonly string[]): Promise<InspectedModel> => {
      const piped = ["import", "-", ...until, "--currency", "USD", "--data-dir", directory];
      expect((await sandbox.run(piped, { input })).code).toBe(0);
      return inspectedModel(directory);
    };
    expect(await modelOf("piped", [])).toEqual(model);
    // Half a year more in which nobody bought.
    const later = await modelOf("later", ["--until", "1998-03-31"]);
    expect(later.spend).toEqual(model.spend);
    expect(later.purchases["a"]).toBeGreaterThan(2 * (model.purchases["a"] ?? NaN));
  });
});

describe("default parameters stay", { timeout: LOADED_MS }, () => {
  test("with few repeat buyers, and whatever comes later", async () => {
    await writeFile(
      join(sandbox.folder, "few.csv"),
      "customer,date,amount\na,2024-01-01,5\nb,2024-01-02,5\na,2024-02-01,7\n",
    );
    const few = await importInto("few", ["few.csv"]);
    expect(few.code).toBe(0);
    expect(few.stderr).toMatch(
      /default parameters .*: 1 of 2 customers bought on a second day, and a fit takes 500$/mu,
    );
    const many = await importInto("few", ["cdnow.csv"]);
    expect(many.code).toBe(0);
    expect(many.stderr).toMatch(/default parameters .*: a model is fitted before anything is stored/u);
    expect(await inspectedModel("few")).toMatchObject({ name: "default", fitted: false, ...DEFAULTS });
  });

  test("of a server that is running", async () => {
    const server = await sandbox.start(["--data-dir", "served"]);
    const through = await importInto("served", ["cdnow.csv"]);
    expect(through.code).toBe(0);
    expect(through.stderr).toMatch(/through the server at http:\S+, whose model stays as it is$/mu);
    expect((await server.stop()).code).toBe(0);
    expect(await inspectedModel("served")).toMatchObject({ name: "default", fitted: false, ...DEFAULTS });
  });

  test("but a server that has been sent nothing leaves the choice", async () => {
    const server = await sandbox.start(["--data-dir", "idle"]);
    expect((await server.stop()).code).toBe(0);
    expect((await importInto("idle", ["cdnow.csv"])).code).toBe(0);
    expect(await inspectedModel("idle")).toMatchObject({ name: "fitted", fitted: true });
  });
});

describe(
  "data that do not determine parameters are imported, and it is said what was kept",
  { timeout: LOADED_MS },
  () => {
    test("everybody spends the same", async () => {
      const text = (await sample()).replaceAll(/,[\d.]+$/gmu, ",25.00");
      await writeFile(join(sandbox.folder, "same.csv"), text);
      const { code, stderr } = await importInto("same", ["same.csv"]);
      expect(code).toBe(0);
      expect(stderr).toMatch(/^fitted MBG\/NBD to 1,139 repeat buyers/mu);
      expect(stderr).toMatch(/^Gamma-Gamma keeps its default parameters: the data do not determine them/mu);
      const model = await inspectedModel("same");
      expect(model).toMatchObject({ name: "fitted-purchases", fitted: true, spend: SPEND });
      expect(model.purchases).not.toEqual(PURCHASES);
      await expectFiniteScores("same", 2357);
    });

    test("everybody buys daily, and spends the same", async () => {
      const lines = Array.from({ length: 600 * 12 }, (_, row) => {
        return `c-${row % 600},2024-03-${String(1 + Math.floor(row / 600)).padStart(2, "0")},9.90`;
      });
      await writeFile(join(sandbox.folder, "daily.csv"), ["customer,date,amount", ...lines, ""].join("\n"));
      const { code, stderr } = await importInto("daily", ["daily.csv", "--clock", "event"]);
      expect(code).toBe(0);
      expect(stderr).toMatch(/^scores use the default parameters /mu);
      expect(stderr).toMatch(/^MBG\/NBD keeps its default parameters: /mu);
      expect(stderr).toMatch(/^Gamma-Gamma keeps its default parameters: /mu);
      expect(await inspectedModel("daily")).toMatchObject({ name: "default", fitted: false, ...DEFAULTS });
      await expectFiniteScores("daily", 600);
    });
  },
);

test("killed after the fit and imported again, all is scored by the one model", { timeout: LOADED_MS }, async () => {
  const seed = Number(process.env["TIDEMARK_TEST_SEED"] ?? Date.now() % 1_000_000);
  process.stdout.write(`kill -9 after the fit with TIDEMARK_TEST_SEED=${seed}\n`);
  const random = new Random(seed);
  const alone = beginImport("alone");
  const fittedAt = await isFitted(alone);
  expect(await alone.ended).toMatchObject({ code: 0 });
  const workMs = performance.now() - fittedAt;
  const model = await inspectedModel("alone");

  for (let kill = 0; kill < KILLS; kill += 1) {
    const directory = `killed-${kill}`;
    const running = beginImport(directory);
    await isFitted(running);
    // The first is before anything is stored, or hardly after.
    if (kill > 0) await pause(random.fraction() * workMs);
    running.child.kill("SIGKILL");
    await running.ended;
    expect(await beginImport(directory).ended).toMatchObject({ code: 0 });

    expect((await expectOneModel(directory, model)).purchases).toBe(6919);
  }
});

const KILLS = process.env["TIDEMARK_TEST_LONG"] === "1" ? 20 : 2;

interface InspectedModel {
  readonly name: string;
  readonly version: string;
  readonly fitted: boolean;
  readonly purchases: Readonly<Record<string, number>>;
  readonly spend: Readonly<Record<string, number>>;
}

async function inspectedModel(directory: string): Promise<InspectedModel> {
  const { stdout } = await sandbox.run(["inspect", "--json", "--data-dir", directory]);
  return (JSON.parse(stdout) as { readonly model: InspectedModel }).model;
}

function importInto(directory: string, words: readonly string[]): Promise<Finished> {
  return sandbox.run(["import", ...words, "--data-dir", directory]);
}

function beginImport(directory: string): Running {
  return sandbox.begin(["import", "cdnow.csv", "--data-dir", directory]);
}

/** Resolves once the fit is told, or the import has ended. @returns when that was, of the monotonic clock */
async function isFitted({ child, ended, said }: Running): Promise<number> {
  const fitted = new Promise<void>((resolve) => {
    child.stderr?.on("data", () => {
      if (said().stderr.includes("fitted MBG/NBD")) resolve();
    });
  });
  await Promise.race([fitted, ended]);
  return performance.now();
}

/** One model is kept, and all scores and turns were made by it. */
async function expectOneModel(directory: string, { name, version }: InspectedModel): Promise<Content> {
  const content = await contentOf(directory);
  expect(content.kept).toMatchObject([{ name, version }]);
  const named = content.scores.map(({ model }) => `${model.name}/${model.version}`);
  expect(new Set(named)).toEqual(new Set([`${name}/${version}`]));
  expect(new Set(content.turns.map(({ model }) => model.split("/")[2]))).toEqual(new Set([content.kept[0]?.hash]));
  return content;
}

async function expectFiniteScores(directory: string, customers: number): Promise<void> {
  const { scores, deadLetters } = await contentOf(directory);
  expect(new Set(scores.map(({ customerId }) => customerId)).size).toBe(customers);
  for (const { churn, value } of scores) {
    expect(churn).toBeGreaterThanOrEqual(0);
    expect(churn).toBeLessThanOrEqual(1);
    // Ten thousand for who spends 25 at a time: no year holds so many purchases of his.
    expect(value?.expectedMinor).toBeGreaterThanOrEqual(0);
    expect(value?.expectedMinor).toBeLessThan(1_000_000);
  }
  expect(deadLetters).toBe(0);
}

type Content = Awaited<ReturnType<typeof contentOf>>;

async function contentOf(directory: string) {
  await using data = await openDataLog(join(sandbox.folder, directory));
  const { topics, codecs } = data.contracts;
  const valuesOf = async (topic: string): Promise<readonly Uint8Array[]> =>
    (await data.read(topic)).flat().flatMap(({ value }) => (value === null ? [] : [value]));
  return {
    scores: (await valuesOf(topics.scores)).map((value) => codecs.scores.decode(value)),
    turns: (await valuesOf(topics.journal)).map((value) => codecs.journal.decode(value)),
    kept: (await valuesOf(topics.models)).map((value) => codecs.models.decode(value)),
    purchases: (await valuesOf(topics.purchases)).length,
    deadLetters: (await valuesOf(topics.deadLetters)).length,
  };
}

function expectNear(found: Readonly<Record<string, number>>, published: Readonly<Record<string, number>>): void {
  expect(Object.keys(found)).toEqual(Object.keys(published));
  for (const [name, value] of Object.entries(published)) {
    expect(Math.abs((found[name] ?? NaN) / value - 1)).toBeLessThan(2e-3);
  }
}

/** The sample as a CSV. */
async function sample(): Promise<string> {
  const packed = await readFile(join(ROOT, "test/fixtures/cdnow/cdnow-sample.txt.gz"));
  const rows = gunzipSync(packed).toString().trim().split("\n");
  const lines = rows.map((row) => {
    const [id, , date, , dollars] = row.trim().split(/\s+/u);
    return `${id},${date},${dollars}`;
  });
  return ["customer,date,amount", ...lines, ""].join("\n");
}

import { execFile } from "node:child_process";
import { readFile, symlink } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { gammaGammaLogLikelihood, mbgLogLikelihood } from "@tidemark/models";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Finished, openSandbox, ROOT, type Sandbox } from "./sandbox.ts";

/** Published maximum-likelihood parameters of the sample's calibration period, in weeks and dollars. */
const MBG = { r: 0.5248432, alpha: 6.1830863, a: 0.8913592, b: 1.6140018 };
const GAMMA_GAMMA = { p: 6.24957, q: 3.74422, v: 15.44353 };

let sandbox: Sandbox;
let importWords: readonly string[];
let imported: Finished;
let inspection: Inspection;
let profiles: readonly ProfileLine[];

beforeAll(async () => {
  sandbox = await openSandbox();
  await symlink(join(ROOT, "test"), join(sandbox.folder, "test"));
  await promisify(execFile)("sh", ["-c", await documented("zcat ")], { cwd: sandbox.folder });
  importWords = (await documented("npm run -s tidemark -- import cdnow.csv ")).split(" ").slice(5);
  imported = await sandbox.run([...importWords, "--json"]);
  inspection = await inspect(DIRECTORY);
  profiles = await profilesIn(DIRECTORY);
});
afterAll(() => sandbox[Symbol.asyncDispose]());

test("the sample up to the end of its calibration: each customer, and the published likelihoods", async () => {
  expect(importWords.join(" ")).toBe(
    `import cdnow.csv --clock event --until 1997-09-30 --currency USD --data-dir ${DIRECTORY}`,
  );
  expect(imported.code).toBe(0);
  expect(JSON.parse(imported.stdout)).toMatchObject({
    rows: 6919,
    accepted: 4960,
    duplicate: 0,
    afterUntil: 1959,
    rejected: 0,
    customers: 2357,
  });
  const expected = await summary();
  expect(expected).toHaveLength(2357);
  expect(profiles.toSorted(byId)).toEqual(
    expected.map(({ customerId, x, txDays, tDays, spendMinor, repeatMinor }) => {
      return { customerId, x, txWeeks: txDays / 7, tWeeks: tDays / 7, spendMinor, repeatSpendMinor: repeatMinor };
    }),
  );

  const purchases = profiles.map(({ x, txWeeks, tWeeks }) => mbgLogLikelihood(MBG, x, txWeeks, tWeeks));
  expect(Math.abs(sum(purchases) - -9582.1357)).toBeLessThan(0.001);
  const repeatBuyers = profiles.filter(({ x }) => x > 0);
  expect(repeatBuyers).toHaveLength(946);
  const spend = repeatBuyers.map(({ x, repeatSpendMinor }) =>
    gammaGammaLogLikelihood(GAMMA_GAMMA, x, repeatSpendMinor / 100 / x),
  );
  expect(Math.abs(sum(spend) - -4055.918)).toBeLessThan(0.01);
});

test("imported a second time, all rows are duplicates and nothing changes", async () => {
  const again = await sandbox.run([...importWords, "--json"]);

  expect(again.code).toBe(0);
  expect(JSON.parse(again.stdout)).toMatchObject({ rows: 6919, accepted: 0, duplicate: 4960, afterUntil: 1959 });
  expect(await profilesIn(DIRECTORY)).toEqual(profiles);
  const after = await inspect(DIRECTORY);
  expect(after.clock.tick).toBe(inspection.clock.tick);
  const [changelog, ...others] = changelogFirst(inspection);
  const [changelogAfter, ...othersAfter] = changelogFirst(after);
  expect(othersAfter).toEqual(others);
  // Whoever opens a partition to write leaves a barrier in its changelog, which is nobody's state.
  expect(changelogAfter?.partitions).toEqual(changelog?.partitions.map(({ start, end }) => ({ start, end: end + 1 })));
});

test("imported whole, the spend is exact to the cent, and again all rows are duplicates", async () => {
  const words = ["import", "cdnow.csv", "--currency", "USD", "--data-dir", "whole", "--json"];
  const summaryOf = async (): Promise<unknown> => JSON.parse((await sandbox.run(words)).stdout);

  expect(await summaryOf()).toMatchObject({ rows: 6919, accepted: 6919, duplicate: 0, rejected: 0, customers: 2357 });
  expect(await summaryOf()).toMatchObject({ rows: 6919, accepted: 0, duplicate: 6919, rejected: 0, customers: 2357 });

  const whole = await profilesIn("whole");
  expect(sum(whole.map(({ spendMinor }) => spendMinor))).toBe(24_409_194);
  expect(whole.toSorted(byId).map(({ customerId, x, spendMinor }) => [customerId, x, spendMinor])).toEqual(
    (await summary()).map(({ customerId, wholeX, wholeSpendMinor }) => [customerId, wholeX, wholeSpendMinor]),
  );
});

const DIRECTORY = ".tidemark/cdnow";
const CHANGELOG = "tidemark.processor-state";

/** The one line that begins so in a block of the README and of the guide, which must say the same. */
async function documented(start: string): Promise<string> {
  const lines = await Promise.all(
    ["README.md", "docs/importing.md"].map(async (path) => {
      const text = await readFile(join(ROOT, path), "utf8");
      return text.split("\n").find((candidate) => candidate.startsWith(start));
    }),
  );
  const [line] = lines;
  if (line === undefined || lines.some((other) => other !== line)) throw new Error(`not documented alike: ${start}`);
  return line;
}

interface ProfileLine {
  readonly customerId: string;
  readonly x: number;
  readonly txWeeks: number;
  readonly tWeeks: number;
  readonly spendMinor: number;
  readonly repeatSpendMinor: number;
}

async function profilesIn(directory: string): Promise<readonly ProfileLine[]> {
  const { stdout } = await sandbox.run(["inspect", "--profiles", "--json", "--data-dir", directory]);
  const lines = stdout.trimEnd().split("\n");
  return lines.map((line) => JSON.parse(line) as ProfileLine);
}

interface Inspection {
  readonly topics: readonly {
    readonly name: string;
    readonly partitions: readonly { readonly start: number; readonly end: number }[];
  }[];
  readonly clock: { readonly tick: string };
}

async function inspect(directory: string): Promise<Inspection> {
  const { stdout } = await sandbox.run(["inspect", "--json", "--data-dir", directory]);
  return JSON.parse(stdout) as Inspection;
}

function changelogFirst({ topics }: Inspection): Inspection["topics"] {
  return topics.toSorted((one, other) => Number(other.name === CHANGELOG) - Number(one.name === CHANGELOG));
}

/** The independent summary (its README says of what), by master id. */
async function summary() {
  const text = await readFile(join(ROOT, "test/fixtures/cdnow/summary.csv"), "utf8");
  const rows = text
    .trim()
    .split("\n")
    .slice(1)
    .map((line) => {
      const [, customerId = "", ...numbers] = line.split(",");
      const [x, txDays, tDays, repeatMinor, spendMinor, wholeX, , wholeSpendMinor] = numbers.map(Number) as [
        number,
        number,
        number,
        number,
        number,
        number,
        number,
        number,
      ];
      return { customerId, x, txDays, tDays, repeatMinor, spendMinor, wholeX, wholeSpendMinor };
    });
  return rows.toSorted(byId);
}

function byId(one: { readonly customerId: string }, other: { readonly customerId: string }): number {
  return one.customerId < other.customerId ? -1 : 1;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readXml } from "../charts/read-xml.ts";
import { runCommand as run } from "../run-command.ts";

const SAMPLE = join(import.meta.dirname, "../../../../test/fixtures/cdnow/cdnow-sample.txt.gz");
const CALIBRATION = ["--calibrate-until", "1997-09-30"];
const HOLD_OUT = [...CALIBRATION, "--horizon-days", "273"];

let folder = "";
let cdnow = "";
/** Customer, date (yyyymmdd) and dollars of each row. */
let purchases: readonly (readonly [string, string, string])[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tidemark-backtest-"));
  const lines = gunzipSync(await readFile(SAMPLE))
    .toString("latin1")
    .trim()
    .split("\n");
  purchases = lines.map((line) => {
    const [id = "", , date = "", , dollars = ""] = line.trim().split(/\s+/);
    return [id, date, dollars];
  });
  cdnow = await file("cdnow.csv", csv(purchases));
});
afterAll(async () => rm(folder, { recursive: true }));

/** AUC of T − tx is the baseline of every model. Expected: MAE, r, AUC, Brier and ECE as the literature's definitions give them. */
test.each([
  ["bg", 0.7855, 0.6256, 0.7569, 0.1612, 0.054],
  ["mbg", 0.7648, 0.6273, 0.7601, 0.1614, 0.055],
  ["pareto", 0.7545, 0.6302, 0.7712, 0.1619, 0.068],
] as const)("backtest %s on CDNOW: MAE %d, r %d, AUC %d, Brier %d, ECE %d", async (model, mae, r, auc, brier, ece) => {
  const { code, json } = await run("backtest", cdnow, ...HOLD_OUT, "--model", model, "--json");
  expect(code).toBe(0);
  expect(Object.keys(json)).toEqual([
    "customers",
    "baseRate",
    "model",
    "parameters",
    "logLikelihood",
    "mae",
    "correlation",
    "auc",
    "aucRecency",
    "brier",
    "ece",
    "logLoss",
    "topDecileValueShare",
    "seconds",
    "horizonDays",
    "warnings",
  ]);
  expect(json).toMatchObject({ customers: 2357, model, horizonDays: 273, warnings: [] });
  const near: [string, number, number][] = [
    ["baseRate", 0.29, 0.001],
    ["aucRecency", 0.771, 0.001],
    ["mae", mae, 0.001],
    ["correlation", r, 0.001],
    ["auc", auc, 0.001],
    ["brier", brier, 0.001],
    ["ece", ece, 0.003],
  ];
  for (const [name, expected, tolerance] of near) {
    expect({ [name]: Math.abs(Number(json[name]) - expected) < tolerance }).toEqual({ [name]: true });
  }
  // By BG and Gamma-Gamma; the other models' rankings are much the same.
  expect(Math.abs(Number(json["topDecileValueShare"]) - 0.502)).toBeLessThan(model === "bg" ? 0.001 : 0.02);
});

test.each([
  ["bg", { r: 0.2425945, alpha: 4.4136019, a: 0.7929199, b: 2.4258881 }, -9582.429],
  ["mbg", { r: 0.5248432, alpha: 6.1830863, a: 0.8913592, b: 1.6140018 }, -9582.1357],
  ["pareto", { r: 0.55315, alpha: 10.57633, s: 0.60625, beta: 11.6715 }, -9594.976],
] as const)("fit %s on CDNOW finds the published parameters", async (model, published, logLikelihood) => {
  const { code, json } = await run("fit", cdnow, ...CALIBRATION, "--model", model, "--json");
  expect(code).toBe(0);
  expect(Object.keys(json)).toEqual([
    "model",
    "parameters",
    "standardErrors",
    "logLikelihood",
    "customers",
    "converged",
    "warnings",
  ]);
  expect(json).toMatchObject({ model, customers: 2357, converged: true, warnings: [] });
  const found = json["parameters"] as Record<string, number>;
  expect(Object.keys(found)).toEqual(Object.keys(published));
  expect(Object.keys(json["standardErrors"] as object)).toEqual(Object.keys(published));
  for (const [name, value] of Object.entries(published)) {
    expect(Math.abs((found[name] ?? Number.NaN) / value - 1)).toBeLessThan(2e-3);
  }
  expect(Math.abs(Number(json["logLikelihood"]) - logLikelihood)).toBeLessThan(0.005);
});

test("auto says which model it chose and why, and never looks at the hold-out", async () => {
  const report = async (name: string, rows: typeof purchases): Promise<string> => {
    const path = await file(name, csv(rows));
    return (await run("backtest", path, ...HOLD_OUT, "--model", "auto", "--out", join(folder, "auto"))).stdout;
  };
  const choice = (text: string): string => /auto chose [^]*?cnbdk \d\.\d{4}/u.exec(text)?.[0] ?? text;
  const whole = await report("whole.csv", purchases);
  // Everyone who bought in the hold-out is silent, everyone else buys weekly.
  const buyers = new Set(purchases.filter(([, date]) => date > "19970930").map(([id]) => id));
  const past = purchases.filter(([, date]) => date <= "19970930");
  const silent = past.filter(([id]) => !buyers.has(id)).map(([id]) => [id, "19971008", "1"] as const);
  const other = await report("other-future.csv", [...past, ...silent, ["new", "19980630", "1"]]);
  expect(choice(whole)).toMatch(/^auto chose mbg: .* fitted up to 1997-07-01 /u);
  expect(choice(other)).toBe(choice(whole));
  expect(other).not.toBe(whole);
});

test.each([
  ["backtest", HOLD_OUT, ["calibration.svg", "lift.svg"]],
  ["fit", CALIBRATION, ["tracking.svg", "frequency.svg"]],
] as const)("%s draws its pictures into the folder it says", async (command, words, pictures) => {
  const out = join(folder, "a folder", command);
  const { stdout, code } = await run(command, cdnow, ...words, "--model", "mbg", "--out", out);
  expect(code).toBe(0);
  expect(stdout).toContain(out);
  for (const picture of pictures) {
    const root = readXml((await readFile(join(out, picture), "utf8")).trimEnd());
    expect(root.name).toBe("svg");
    expect(JSON.stringify(root)).toContain("MBG/NBD fitted up to 1997-09-30, 2,357 customers");
    expect(JSON.stringify(root)).not.toMatch(/NaN|no data/u);
  }
});

test("the tracking and frequency plots are those of the literature: 39 weeks of 78, sums that come out", async () => {
  const out = join(folder, "plots");
  await run("fit", cdnow, ...CALIBRATION, "--model", "bg", "--out", out, "--json");
  const [tracking, frequency] = await Promise.all(
    ["tracking.svg", "frequency.svg"].map(async (name) => readFile(join(out, name), "utf8")),
  );
  expect(tracking).toContain("calibrated up to week 39: by week 78 4,339 actual and");
  expect(frequency).toContain("0: 1,411 and 1,4");
  expect(frequency).toContain("1: 439 and 4");
});

test("contracts: sBG finds the churn of payments that stop", async () => {
  // 2^-n of 1,024 customers pay n times a month apart, so that each renews with probability one half.
  const months = (customer: number): number => 1 + Math.clz32(customer) - 22;
  const rows = Array.from({ length: 1023 }, (_, i) => i + 1).flatMap((customer) =>
    Array.from({ length: months(customer) }, (__, k) => {
      const paid = new Date(Date.UTC(2020, 0, 1 + 30 * k)).toISOString().slice(0, 10);
      return [String(customer), paid, "9"];
    }),
  );
  const path = await file("contracts.csv", csv([...rows, ["late", "2021-06-01", "9"]]));
  const { json, code } = await run("fit", path, "--model", "sbg", "--json");
  expect(code).toBe(0);
  expect(json).toMatchObject({ model: "sbg", customers: 1024 });
  const { alpha = 0, beta = 0 } = json["parameters"] as Record<string, number>;
  expect(alpha / (alpha + beta)).toBeCloseTo(0.5, 2);
});

describe("a file of any form", () => {
  test("gives the same fit: NDJSON, gzip, other names, times of day, refunds between the purchases, shuffled", async () => {
    const plain = await run("fit", cdnow, ...CALIBRATION, "--model", "bg", "--json");
    const rows = purchases.map(([id, date, dollars], i) => {
      const iso = `${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6)}T${String(i % 24).padStart(2, "0")}:30:00Z`;
      return JSON.stringify({ who: id, when: iso, paid: Number(dollars) });
    });
    const refunds = purchases
      .slice(0, 500)
      .map(([id]) => JSON.stringify({ who: id, when: "1997-09-29T10:00:00Z", paid: -5 }));
    const mixed = [...rows, ...refunds].toSorted((one, other) => (one.slice(-40) < other.slice(-40) ? -1 : 1));
    const other = await file("other.ndjson.gz", gzipSync(`${mixed.join("\n")}\n`));
    const named = ["--customer-column", "who", "--time-column", "when", "--amount-column", "paid"];
    const again = await run("fit", other, ...named, ...CALIBRATION, "--model", "bg", "--json");
    expect(again.code).toBe(0);
    expect(again.json["customers"]).toBe(2357);
    const [one, two] = [plain.json, again.json].map((json) => Number(json["logLikelihood"]));
    expect(Math.abs((one ?? 0) - (two ?? 1))).toBeLessThan(1e-6);
    const said = await run("fit", other, ...named, ...CALIBRATION, "--model", "bg", "--out", join(folder, "said"));
    expect(said.stdout).toContain("7,419 rows, 500 of them refunds, which are no purchases");
  });

  test("bad rows are counted, said, listed, and left out", async () => {
    const broken = await file("broken.csv", `${csv(purchases)}1,1997-02-30,5\n,19970103,5\n2,19970103,much\n`);
    const rejects = join(folder, "broken.rejects.csv");
    const { code, json, stderr } = await run("fit", broken, ...CALIBRATION, "--json", "--rejects", rejects);
    expect(code).toBe(1);
    expect(json["customers"]).toBe(2357);
    expect(stderr).toContain("3 of 6922 rows were rejected");
    expect((await readFile(rejects, "utf8")).split("\n")[1]).toMatch(/^6921,TIME_NOT_UNDERSTOOD,/u);
  });
});

describe("what cannot be done ends with exit code 2 and what to do", () => {
  const onlyOnce = (): string => csv(purchases.map(([, date, dollars], i) => [String(i), date, dollars]));
  const oneDay = (): string => csv(purchases.map(([id, , dollars]) => [id, "19970101", dollars]));
  const cases: readonly [string, () => string, readonly string[], string][] = [
    [
      "nothing after the calibration",
      () => csv(purchases),
      ["backtest", "--calibrate-until", "1998-06-30"],
      "try --calibrate-until 1997-12-30",
    ],
    [
      "a calibration beyond the data",
      () => csv(purchases),
      ["backtest", "--calibrate-until", "2005-01-01"],
      "nothing comes after 2005-01-01",
    ],
    [
      "a calibration before the data",
      () => csv(purchases),
      ["backtest", "--calibrate-until", "1996-12-31"],
      "nobody bought by 1996-12-31",
    ],
    [
      "a fit beyond the data",
      () => csv(purchases),
      ["fit", "--calibrate-until", "2005-01-01"],
      "leave it out to fit to the whole file",
    ],
    ["nobody who buys again", onlyOnce, ["backtest", ...CALIBRATION, "--model", "mbg"], "buys on a second day"],
    ["all on one day", oneDay, ["fit"], "buys on a second day"],
    ["all on one day, tested", oneDay, ["backtest", ...CALIBRATION], "all purchases of the file are of 1997-01-01"],
    ["few customers", () => csv(purchases.slice(0, 6)), ["fit"], "a fit needs at least 10 customers"],
    ["a header alone", () => csv([]), ["fit"], "no rows below its header"],
    ["refunds alone", () => "customer,date,amount\n1,19970101,-3\n", ["fit"], "1 are refunds"],
    ["no calibration day", () => csv(purchases), ["backtest"], "--calibrate-until"],
    ["a model that there is not", () => csv(purchases), ["fit", "--model", "nbd"], "bg, mbg, pareto, cnbdk, sbg"],
    [
      "columns that there are not",
      () => csv(purchases),
      ["fit", "--customer-column", "client"],
      'there is no column "client"',
    ],
  ];
  test.each(cases)("%s", async (_name, content, [command = "", ...words], advice) => {
    const { code, stderr, stdout } = await run(command, await file("case.csv", content()), ...words);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr).toContain(advice);
  });
});

async function file(name: string, content: string | Buffer): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

function csv(rows: readonly (readonly string[])[]): string {
  return ["customer,date,amount", ...rows.map((row) => row.join(","))].join("\n").concat("\n");
}

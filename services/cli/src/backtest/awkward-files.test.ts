import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { choiceLines } from "./choose-model.ts";
import { runCommand } from "../run-command.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tidemark-awkward-"));
});
afterAll(async () => rm(folder, { recursive: true }));

/** 60 customers, from the first week of 2024: number n buys every 5 + n mod 9 days, n mod 6 times more; then whoever is asked for. */
const purchases: readonly (readonly [string, string])[] = Array.from({ length: 60 }, (_, n) => n).flatMap((n) =>
  Array.from({ length: 1 + (n % 6) }, (__, k) => [`c${n}`, dateOf((n % 7) + k * (5 + (n % 9)))] as const),
);
/** So that the window of auto is as long as it may be. */
const LONG = ["--horizon-days", "300"];
const CALIBRATION = ["--calibrate-until", "2024-03-31"];

function dateOf(day: number): string {
  return new Date(Date.UTC(2024, 0, 1 + day)).toISOString().slice(0, 10);
}

function later(date: string): string {
  return new Date(Date.parse(date) + 250 * 86_400_000).toISOString().slice(0, 10);
}

async function file(
  name: string,
  rows: readonly (readonly string[])[],
  header = "customer,date,amount",
): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, `${[header, ...rows.map((row) => row.join(","))].join("\n")}\n`);
  return path;
}

describe("a figure that cannot be known is null, and a warning says why", () => {
  const stranger = ["late", "2024-08-01", "5"];
  const priced = (amount: string): string[][] => purchases.map(([id, date]) => [id, date, amount]);
  test.each<[string, readonly (readonly string[])[], readonly string[], readonly string[]]>([
    [
      "nobody buys in the hold-out",
      [...priced("5"), stranger],
      ["correlation", "auc", "aucRecency", "topDecileValueShare"],
      ["ONE_OUTCOME", "NO_CORRELATION", "NO_VALUE_RANKING"],
    ],
    [
      "everybody buys in the hold-out",
      [...priced("5"), ...Array.from({ length: 60 }, (_, n) => [`c${n}`, "2024-08-01", "5"])],
      ["correlation", "auc", "aucRecency"],
      ["ONE_OUTCOME", "NO_CORRELATION"],
    ],
    [
      "nothing costs anything",
      [...priced("0"), ["c1", "2024-08-01", "0"]],
      ["topDecileValueShare"],
      ["NO_VALUE_RANKING"],
    ],
  ])("%s", async (name, rows, nulls, codes) => {
    const path = await file(`${name}.csv`, rows);
    const { code, json, stdout } = await runCommand("backtest", path, ...CALIBRATION, "--model", "mbg", "--json");
    expect(code).toBe(0);
    expect(stdout).not.toMatch(/NaN|Infinity/);
    expect(Object.keys(json).filter((key) => json[key] === null)).toEqual(nulls);
    const said = (json["warnings"] as { code: string }[]).map(({ code: one }) => one);
    expect(said).toEqual(expect.arrayContaining([...codes]));
  });

  test("a hold-out beyond the file's end", async () => {
    const path = await file("beyond.csv", [...priced("5"), ["c1", "2024-05-01", "5"]]);
    const { json } = await runCommand(
      "backtest",
      path,
      ...CALIBRATION,
      "--horizon-days",
      "90",
      "--model",
      "mbg",
      "--json",
    );
    expect(json["warnings"]).toContainEqual({
      code: "HOLD_OUT_BEYOND_DATA",
      message: expect.stringMatching(/for 59 days after the file's last purchase .*try --horizon-days 31$/u),
    });
  });

  test("parameters that are known only together have no standard error", async () => {
    const path = await file("together.csv", priced("5"));
    const { json } = await runCommand("fit", path, "--model", "pareto", "--json");
    const errors = json["standardErrors"] as Record<string, number | null>;
    const together = (json["warnings"] as { code: string; message: string }[]).find(
      (one) => one.code === "NOT_IDENTIFIED",
    );
    const names = Object.keys(errors).filter((name) => errors[name] === null);
    expect(names.length).toBeGreaterThan(0);
    expect(together?.message).toContain(`${names.join(" and ")} run off together`);
  });
});

describe("auto", () => {
  test("what cannot be fitted before the window is left out, with a line", () => {
    const lines = choiceLines({
      word: "bg",
      innerDay: 0,
      innerDays: 1,
      customers: 12,
      losses: [
        { word: "bg", logLoss: 0.5 },
        { word: "pareto", logLoss: null, because: "its likelihood has no top" },
      ],
    });
    expect(lines.join("\n")).toMatch(
      /^auto chose bg: .*\nday after, .*: bg 0\.5000\npareto is left out: its likelihood has no top$/u,
    );
  });

  test("where nothing can be fitted before the window, mbg is taken untried", async () => {
    // All but a few come after two thirds of the calibration.
    const rows = purchases.map(([id, date], i) => [id, i < 4 ? date : later(date), "5"]);
    const path = await file("late.csv", [...rows, ["c1", "2024-12-31", "5"]]);
    const { code, json, stderr } = await runCommand(
      "backtest",
      path,
      "--calibrate-until",
      "2024-12-15",
      ...LONG,
      "--json",
    );
    expect(code).toBe(0);
    expect(json["model"]).toBe("mbg");
    expect(stderr).toMatch(
      /auto took mbg untried: no model can be fitted .* \(a fit needs at least 10 customers, there are \d\)/u,
    );
  });
});

test("who first bought after the calibration day does not count", async () => {
  const rows = purchases.map(([id, date]) => [id, date, "5"]);
  const plain = await file("plain.csv", [...rows, ["c1", "2024-05-01", "5"]]);
  const more = Array.from({ length: 200 }, (_, n) => [`new${n}`, "2024-04-01", "7"]);
  const crowded = await file("crowded.csv", [...more, ...rows, ["c1", "2024-05-01", "5"]]);
  const [one, other] = await Promise.all(
    [plain, crowded].map(async (path) => runCommand("backtest", path, ...CALIBRATION, "--model", "bg", "--json")),
  );
  expect(one?.json["customers"]).toBe(60);
  expect({ ...other?.json, seconds: 0 }).toEqual({ ...one?.json, seconds: 0 });
});

test("quantity and price in place of an amount: what to do is said", async () => {
  const header = "InvoiceNo,Description,Quantity,InvoiceDate,UnitPrice,CustomerID";
  const path = await file("retail.csv", [["1", '"BAG, ""RED"""', "3", "12/1/2010 8:26", "2.55", "17850"]], header);
  const { code, stderr } = await runCommand("fit", path);
  expect(code).toBe(2);
  expect(stderr).toContain("where an amount is quantity times price, add a column of the product first");
  const dated = await runCommand(
    "fit",
    path,
    "--amount-column",
    "UnitPrice",
    "--rejects",
    join(folder, "retail.rejects.csv"),
  );
  expect(dated.code).toBe(2);
  expect(dated.stderr).toMatch(/1 of 1 rows were rejected: .*all because the time is no date .*--time-format/u);
});

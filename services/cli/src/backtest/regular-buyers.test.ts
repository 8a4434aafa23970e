import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { runCommand } from "../run-command.ts";

const FOLDER = join(import.meta.dirname, "../../../../test/fixtures/regular-buyers");
const FILE = join(FOLDER, "purchases.csv.gz");
const COLUMNS = ["--customer-column", "household", "--time-column", "bought", "--amount-column", "paid"];

interface Expected {
  readonly calibrateUntil: string;
  readonly horizonDays: number;
  readonly customers: number;
  readonly baseRate: number;
  readonly aucRecency: number;
  readonly windowLogLoss: Readonly<Record<string, number>>;
  /** `parameters` and the figures of `backtest --json`, those that the script knows of the model. */
  readonly models: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

const expected = JSON.parse(await readFile(join(FOLDER, "expected.json"), "utf8")) as Expected;
const calibration = [...COLUMNS, "--calibrate-until", expected.calibrateUntil];
const holdOut = [...calibration, "--horizon-days", String(expected.horizonDays)];

test.each(Object.entries(expected.models))(
  "backtest %s says what SciPy does",
  async (model, { parameters, ...figures }) => {
    const { code, json } = await runCommand("backtest", FILE, ...holdOut, "--model", model, "--json");
    expect(code).toBe(0);
    expect(json).toMatchObject({
      model,
      customers: expected.customers,
      horizonDays: expected.horizonDays,
      warnings: [],
    });
    expectNear(json["parameters"], parameters, 1e-5);
    expectNear(json, { ...figures, baseRate: expected.baseRate, aucRecency: expected.aucRecency }, 1e-6);
  },
);

test("fit cnbdk finds the regularity, and how sure its parameters are", async () => {
  const { code, json } = await runCommand("fit", FILE, ...calibration, "--model", "cnbdk", "--json");
  expect(code).toBe(0);
  expect(json).toMatchObject({ model: "cnbdk", customers: 420, converged: true, warnings: [] });
  expectNear(json["parameters"], expected.models["cnbdk"]?.["parameters"], 1e-5);
  expect(json["parameters"]).toMatchObject({ k: 4 });
  const errors = json["standardErrors"] as Record<string, number>;
  expect(Object.keys(errors)).toEqual(["r", "alpha", "a", "b"]);
  for (const error of Object.values(errors)) expect(error).toBeGreaterThan(0);
});

test("auto takes the model with the least log loss out of time, and says that of each", async () => {
  const { json, stderr } = await runCommand("backtest", FILE, ...holdOut, "--model", "auto", "--json");
  const each = Object.entries(expected.windowLogLoss);
  const [best] = each.toSorted(([, one], [, other]) => one - other);
  expect(json["model"]).toBe(best?.[0]);
  expect(stderr).toContain(each.map(([model, loss]) => `${model} ${loss.toFixed(4)}`).join(", "));
});

function expectNear(found: unknown, wanted: unknown, tolerance: number): void {
  for (const [name, value] of Object.entries(wanted as Record<string, number>)) {
    const ratio = Number((found as Record<string, number>)[name]) / value;
    expect([name, Math.abs(ratio - 1) < tolerance, ratio]).toEqual([name, true, ratio]);
  }
}

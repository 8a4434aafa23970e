import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readXml } from "../charts/read-xml.ts";
import { runCommand } from "../run-command.ts";
import type { AlertSummary } from "./alert-summary.ts";

const CDNOW = join(import.meta.dirname, "../../../../test/fixtures/cdnow");
/** Not committed: it lies beside the repository, or where the environment says. */
const MASTER =
  process.env["TIDEMARK_CDNOW_MASTER"] ?? join(import.meta.dirname, "../../../../../shared/data/cdnow-master.txt.gz");
const ALERTS = ["--calibrate-until", "1997-09-30", "--alerts", "--currency", "USD"];

/** What test/fixtures/cdnow/alerts.py says of a file. */
interface Expected {
  readonly weeks: number;
  readonly looks: number;
  readonly parameters: Readonly<Record<string, number>>;
  readonly bands: readonly {
    readonly band: number;
    readonly alertedSilent: number;
    readonly alertedBought: number;
    readonly belowSilent: number;
    readonly belowBought: number;
    readonly backWithinWeek: number;
    readonly oddsRatio: readonly number[];
  }[];
}

const expected = JSON.parse(await readFile(join(CDNOW, "alerts.json"), "utf8")) as Record<
  "sample" | "master",
  Expected
>;
let folder = "";
let sample = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tidemark-alerts-"));
  sample = await purchases("sample.csv", join(CDNOW, "cdnow-sample.txt.gz"), [0, 2, 4], 0);
});
afterAll(async () => rm(folder, { recursive: true }));

test("alerts on CDNOW are those that a script finds apart: how many, and who was silent after", async () => {
  await expectAlerts(sample, expected.sample);
});

describe.skipIf(!existsSync(MASTER))("on the master file of 23,570 customers", () => {
  test("shares and odds ratios are the measured ones", async () => {
    const json = await expectAlerts(await purchases("master.csv", MASTER, [0, 1, 3], 1), expected.master);
    // Measured before there was any of this code, by band: alerted in a week of the repeat buyers, odds ratio of silence.
    const measured = [
      [0.5, 0.011, 1.9],
      [0.7, 0.013, 2.0],
      [0.8, 0.016, 2.6],
    ] as const;
    for (const [i, [band, share, ratio]] of measured.entries()) {
      const found = json.bands[i];
      expect(found?.band).toBe(band);
      expect(Math.abs((found?.alertedShare ?? NaN) - share)).toBeLessThan(0.003);
      expect(Math.abs((found?.oddsRatio ?? NaN) - ratio)).toBeLessThan(0.3);
    }
  });
});

test("the value at risk is that of the base, and more than the alerts' part of it", async () => {
  const { json } = await runCommand("backtest", sample, ...ALERTS, "--json");
  const { atRiskMinor, bands, currency } = json as unknown as AlertSummary;
  expect(currency).toBe("USD");
  expect(atRiskMinor).toBeGreaterThan(0);
  for (const { atRiskMinorPerAlert, atRiskCovered } of bands) {
    expect(atRiskMinorPerAlert).toBeGreaterThan(0);
    expect(atRiskCovered).toBeGreaterThan(0.05);
    expect(atRiskCovered).toBeLessThan(0.6);
  }
});

test("a person reads figures by band, and sees them in a picture", async () => {
  const out = join(folder, "out");
  const { stdout, code } = await runCommand("backtest", sample, ...ALERTS, "--bands", ".6,0.75", "--out", out);
  expect(code).toBe(0);
  expect(stdout).toMatch(/band +0\.6 +0\.75\n.*alerts a week +\d+\.\d +\d+\.\d\n/u);
  expect(stdout).toContain("1997-10-01 to 1998-03-31: 26, each with the 90 days after it");
  expect(await readFile(join(out, "report.txt"), "utf8")).toBe(`${stdout.split("\n\nThis report")[0]}\n`);
  const picture = readXml((await readFile(join(out, "alerts.svg"), "utf8")).trimEnd());
  expect(JSON.stringify(picture)).toContain("alerted: it was crossed this week");
});

test("who buys on the day of each look is looked at once a week, and alerted once when he stops", async () => {
  // All buy weekly on the very day of the look, for 20 to 26 weeks.
  const rows = Array.from({ length: 40 }, (_, n) =>
    Array.from({ length: 20 + (n % 7) }, (__, k) => [`c${n}`, new Date(Date.UTC(2024, 0, 7 + 7 * k)), 5 + n]),
  );
  const lines = rows
    .flat()
    .map(([id, day, amount]) => `${String(id)},${(day as Date).toISOString()},${String(amount)}`);
  const later = "last,2024-12-30T00:00:00Z,1";
  const path = join(folder, "weekly.csv");
  await writeFile(path, `${["customer,date,amount", ...lines, later].join("\n")}\n`);
  const { code, json } = await runCommand(
    "backtest",
    path,
    "--calibrate-until",
    "2024-03-31",
    "--alerts",
    "--horizon-days",
    "30",
    "--json",
  );
  expect(code).toBe(0);
  const { weeks, repeatBuyers, bands } = json as unknown as AlertSummary;
  expect(repeatBuyers * weeks).toBe(40 * weeks);
  for (const { alerts, backWithinWeek, silentAlerted } of bands) {
    expect([alerts, backWithinWeek, silentAlerted]).toEqual([40, 0, 1]);
  }
  const codes = (json["warnings"] as { readonly code: string }[]).map(({ code: one }) => one);
  expect(codes).toContain("NO_ODDS_RATIO");
});

test.each([
  [["--calibrate-until", "1998-06-01"], "try --calibrate-until 1998-03-25 or before"],
  [["--calibrate-until", "1997-09-30", "--model", "bg"], "leave --model out"],
  [["--calibrate-until", "1997-09-30", "--bands", "0.7,0.5"], "ascending"],
])("what cannot be done ends with exit code 2 and what to do: %s", async (words, advice) => {
  const { code, stderr } = await runCommand("backtest", sample, "--alerts", ...words);
  expect(code).toBe(2);
  expect(stderr).toContain(advice);
});

async function expectAlerts(path: string, wanted: Expected): Promise<AlertSummary> {
  const { code, json } = await runCommand("backtest", path, ...ALERTS, "--json");
  expect(code).toBe(0);
  const found = json as unknown as AlertSummary;
  expect(found).toMatchObject({ weeks: wanted.weeks, from: "1997-10-01", to: "1998-03-31", horizonDays: 90 });
  expect(found.repeatBuyers * found.weeks).toBeCloseTo(wanted.looks, 6);
  for (const [name, value] of Object.entries(wanted.parameters)) {
    expect(Math.abs((found.parameters[name] ?? NaN) / value - 1)).toBeLessThan(1e-4);
  }
  expect(found.bands.length).toBe(wanted.bands.length);
  for (const [i, want] of wanted.bands.entries()) {
    const band = found.bands[i];
    const alerts = want.alertedSilent + want.alertedBought;
    // A parameter's last digits may carry somebody over a band.
    expect(Math.abs((band?.alerts ?? NaN) - alerts)).toBeLessThanOrEqual(2);
    expect(band?.alertsByWeek.reduce((sum, count) => sum + count, 0)).toBe(band?.alerts);
    expect(Math.abs((band?.backWithinWeek ?? NaN) - want.backWithinWeek)).toBeLessThanOrEqual(1);
    expect(band?.silentAlerted).toBeCloseTo(want.alertedSilent / alerts, 2);
    expect(band?.silentBelow).toBeCloseTo(want.belowSilent / (want.belowSilent + want.belowBought), 3);
    const ratios = [band?.oddsRatio ?? NaN, ...(band?.oddsRatioInterval ?? [])];
    expect(ratios.length).toBe(3);
    for (const [k, ratio] of ratios.entries()) {
      expect(Math.abs(ratio / (want.oddsRatio[k] ?? NaN) - 1)).toBeLessThan(0.02);
    }
  }
  return found;
}

/** A file as `backtest` reads it, of one as it was published. */
async function purchases(
  name: string,
  published: string,
  columns: readonly [number, number, number],
  headerLines: number,
): Promise<string> {
  const lines = gunzipSync(await readFile(published))
    .toString("latin1")
    .trim()
    .split("\n")
    .slice(headerLines);
  const rows = lines.map((line) => {
    const words = line.trim().split(/\s+/);
    return columns.map((column) => words[column] ?? "").join(",");
  });
  const path = join(folder, name);
  await writeFile(path, `${["customer,date,amount", ...rows].join("\n")}\n`);
  return path;
}

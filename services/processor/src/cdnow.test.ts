import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { openContracts, openFileRegistry } from "@tidemark/contracts";
import { createModel, defaultArtefact, score } from "@tidemark/scoring";
import { afterAll, beforeAll, expect, test } from "vitest";
import { sampleEvent, SampleShop } from "./sample-shop.ts";
import { createScoringApplication } from "./scoring-application.ts";

const DAY = 86_400_000;
const CALIBRATION_END = Date.UTC(1997, 8, 30);
const model = createModel(defaultArtefact());
const fixtures = new URL("../../../test/fixtures/cdnow/", import.meta.url);
let folder: string;
let shop: SampleShop;
let inCalibration: ReadonlyMap<string, Summary>;

/** The sample, day by day, each day a turn whose tick is the day's last millisecond. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "tidemark-cdnow-"));
  const registry = await openFileRegistry(join(folder, "registry.json"));
  const contracts = await openContracts({ registry, prefix: "t." });
  shop = new SampleShop(
    contracts,
    createScoringApplication({ contracts, model, consentDefault: "granted", clockMode: "event" }),
  );
  const byDay = Map.groupBy(rows(), ({ day }) => day);
  for (const day of [...byDay.keys()].sort((a, b) => a - b)) {
    if (day > CALIBRATION_END) inCalibration ??= summary(CALIBRATION_END + DAY - 1);
    const purchases = (byDay.get(day) ?? []).map(({ id, index, amountMinor }) =>
      sampleEvent({ type: "purchase", customerId: id, eventId: `row-${index}`, occurredAt: day, amountMinor }),
    );
    shop.take(purchases, day + DAY - 1);
  }
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("x, tx, T and spend of each customer are those of the independent summary", () => {
  const expected = published();
  expect(expected.length).toBe(2357);
  expect(inCalibration.size).toBe(2357);
  const whole = summary(Date.UTC(1998, 6, 1) - 1);
  for (const { id, calibration, tDays, end } of expected) {
    expect(inCalibration.get(id)).toMatchObject(calibration);
    // T at the last millisecond of a day is the published whole number but for that millisecond.
    expect(Math.abs((inCalibration.get(id)?.tDays ?? NaN) - tDays)).toBeLessThan(2 / DAY);
    expect(whole.get(id)).toMatchObject(end);
  }
});

test("the spend of all is exact to the cent", () => {
  const spent = shop.customers.map((id) => shop.state(id).grossMinor - shop.state(id).refundMinor);
  expect(spent.reduce((sum, minor) => sum + minor, 0)).toBe(24_409_194);
});

test("each stored profile gives the score last emitted for it, to the bit", () => {
  const newest = new Map(shop.scores.map(({ key, score: emitted }) => [key, emitted]));
  expect(newest.size).toBe(2357);
  for (const [id, emitted] of newest) {
    const stored = shop.state(id);
    expect(emitted).toEqual({ ...score(stored, stored.scoredAt, model), turn: emitted?.turn, tick: emitted?.tick });
  }
});

interface Summary {
  readonly x: number;
  readonly txDays: number;
  readonly repeatMinor: number;
  readonly spendMinor: number;
  readonly tDays: number;
}

function summary(at: number): Map<string, Summary> {
  return new Map(
    shop.customers.map((id) => {
      const { purchaseDays, firstDay, lastDay, grossMinor, firstDayGrossMinor } = shop.state(id);
      const txDays = lastDay - firstDay;
      const tDays = Math.max(txDays, (at - model.calendar.endOf(firstDay)) / DAY);
      const repeatMinor = grossMinor - firstDayGrossMinor;
      return [id, { x: purchaseDays - 1, txDays, repeatMinor, spendMinor: grossMinor, tDays }];
    }),
  );
}

function rows() {
  const lines = gunzipSync(readFileSync(new URL("cdnow-sample.txt.gz", fixtures)))
    .toString()
    .trim()
    .split("\n");
  return lines.map((line, index) => {
    const [, id = "", date = "", , dollars = ""] = line.trim().split(/\s+/);
    const day = Date.UTC(Number(date.slice(0, 4)), Number(date.slice(4, 6)) - 1, Number(date.slice(6)));
    return { index, id, day, amountMinor: Number(dollars.replace(".", "")) };
  });
}

function published() {
  const lines = readFileSync(new URL("summary.csv", fixtures), "utf8").trim().split("\n").slice(1);
  return lines.map((line) => {
    const [id = "", , ...numbers] = line.split(",");
    const [x, txDays, tDays = NaN, repeatMinor, spendMinor, wholeX, wholeTxDays, wholeSpendMinor] = numbers.map(Number);
    const end = { x: wholeX, txDays: wholeTxDays, spendMinor: wholeSpendMinor };
    return { id, calibration: { x, txDays, repeatMinor, spendMinor }, tDays, end };
  });
}

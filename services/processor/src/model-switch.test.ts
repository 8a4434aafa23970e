import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Contracts, openContracts, openFileRegistry } from "@tidemark/contracts";
import { type Artefact, createModel, defaultArtefact, type Model, type ModelShelf, shelfOf } from "@tidemark/scoring";
import { PRESETS, type Scorecard } from "@tidemark/scoring/scorecards";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { sampleEvent, SampleShop } from "./sample-shop.ts";
import { createScoringApplication } from "./scoring-application.ts";

const DAY = 86_400_000;
const HOUR = 3_600_000;
const START = Date.UTC(2026, 0, 5);
const FIRST = defaultArtefact();
let folder: string;
let contracts: Contracts;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "tidemark-switch-"));
  contracts = await openContracts({ registry: await openFileRegistry(join(folder, "registry.json")), prefix: "t." });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("a sweep", () => {
  test("scores anew whom another model has scored, and nobody twice", () => {
    const { shop, use } = shopWith(FIRST);
    shop.take([purchase("p1", START, 900)], START);
    const at = START + DAY;
    expect(shop.score("c1", at, "model")).toBe(false);
    expect(shop.scores.length).toBe(1);

    // The same parameters under another name: nothing of the score is another but the model, and that is enough for a version.
    use({ ...FIRST, version: "next" });
    expect(shop.score("c1", at, "model")).toBe(true);
    expect(shop.scores.at(-1)?.score).toMatchObject({ version: 2, asOf: at, model: { version: "next" } });
    expect(shop.tierChanges.length).toBe(1);
    expect(shop.score("c1", at, "model")).toBe(false);
    expect(shop.scores.length).toBe(2);
  });

  test("tells tier changes with the cause MODEL, and so does a timer that fires before the sweep has come", () => {
    for (const cause of ["model", "timer"] as const) {
      const { shop, use } = shopWith(FIRST);
      shop.take([purchase("p1", START, 900)], START);
      const { tier } = shop.state("c1");
      use(lowered(FIRST));
      shop.score("c1", START + DAY, cause);
      expect(shop.tierChanges.at(-1)).toMatchObject({ from: tier, to: "PLATINUM", cause: "MODEL", version: 2 });
    }
  });

  test("leaves who may not be scored as they are", () => {
    const { shop, use } = shopWith(FIRST);
    shop.take([purchase("p1", START, 900)], START);
    const consent = { type: "customer", eventId: "k1", occurredAt: START + 1, consent: { scoring: false } };
    shop.take([sampleEvent(consent)], START + 1);
    expect(shop.scores.at(-1)?.score).toBe(null);
    const before = { ...shop.state("c1") };
    use(lowered(FIRST));
    expect(shop.score("c1", START + DAY, "model")).toBe(false);
    expect(shop.scores.length).toBe(2);
    expect(shop.state("c1")).toEqual(before);
  });
});

describe("a scorecard that gives tiers", () => {
  test("by grades of events alone: up at once, down after the dwell beyond the band, and no timer but the end of the dwell", () => {
    const { shop } = shopWith(byCard("crvp", ["optimisation", "development", "silver", "gold", "platinum"]));
    // A purchase a week, of 100: the shortest cycle and the largest order of the base.
    for (let week = 0; week < 3; week++) {
      shop.take([purchase(`p${week}`, START + week * 7 * DAY, 10_000)], START + week * 7 * DAY);
    }
    expect(shop.state("c1")).toMatchObject({ tier: "PLATINUM" });
    const { tierSince } = shop.state("c1");
    expect(shop.state("c1").due).toBe(tierSince + FIRST.tiers.dwellDays * DAY);
    const end = tierSince + FIRST.tiers.dwellDays * DAY;
    expect(shop.score("c1", end, "timer")).toBe(false);
    // However long nothing happens: what is looked at hourly is due within the hour.
    const { due } = shop.state("c1");
    expect(due ?? Infinity).toBeGreaterThan(end + DAY);
    shop.score("c1", end + 300 * DAY, "timer");
    expect(shop.tierChanges.at(-1)).toMatchObject({ to: "PLATINUM" });

    // 240 days on: the cycle is the longest of the base, the order still large.
    shop.take([purchase("late", START + 600 * DAY, 10_000)], START + 600 * DAY);
    expect(shop.state("c1")).toMatchObject({ tier: "SILVER" });
    expect(shop.tierChanges.at(-1)).toMatchObject({ from: "PLATINUM", to: "SILVER", cause: "EVENT" });
  });

  test("within the dwell a tier stays, and its end is the time to look again", () => {
    const { shop } = shopWith(byCard("crvp", ["optimisation", "development", "silver", "gold", "platinum"]));
    shop.take([purchase("p1", START, 10_000), purchase("p2", START + 7 * DAY, 10_000)], START + 7 * DAY);
    expect(shop.state("c1")).toMatchObject({ tier: "PLATINUM" });
    // Small orders take more than half of the mean, below every band.
    const small = [8, 9, 10].map((day) => purchase(`p${day}`, START + day * DAY, 1));
    shop.take(small, START + 10 * DAY);
    expect(shop.state("c1")).toMatchObject({ tier: "PLATINUM" });
    const due = shop.state("c1").due ?? 0;
    expect(due).toBe(START + 7 * DAY + FIRST.tiers.dwellDays * DAY);
    expect(shop.score("c1", due, "timer")).toBe(true);
    expect(shop.tierChanges.at(-1)).toMatchObject({ from: "PLATINUM", cause: "TIME", asOf: due });
  });

  test("by points that time changes: it is looked at every hour, and falls by silence alone", () => {
    const points = [0, 30, 50, 70, 90];
    const { shop } = shopWith(byCard("rfm", points));
    for (let day = 0; day < 6; day++) {
      shop.take([purchase(`p${day}`, START + day * DAY, 10_000)], START + day * DAY);
    }
    const bought = START + 5 * DAY;
    expect(shop.state("c1")).toMatchObject({ tier: "PLATINUM", due: bought + HOUR });
    let fired = 0;
    while (shop.state("c1").tier === "PLATINUM" && fired < 500 * 24) {
      const due = shop.state("c1").due ?? 0;
      shop.score("c1", due, "timer");
      fired++;
      expect(shop.state("c1").due).toBe(due + HOUR);
    }
    expect(shop.tierChanges.at(-1)).toMatchObject({ from: "PLATINUM", cause: "TIME" });
    // Ten days of silence end the best quintile of recency, and what is lost then is more than the band.
    expect(shop.tierChanges.at(-1)?.asOf).toBeGreaterThanOrEqual(bought + 10 * DAY);
  });

  test("a customer of whom it knows too little has the first tier, and a prospect none", () => {
    const { shop } = shopWith(byCard("crvp", ["optimisation", "development", "silver", "gold", "platinum"]));
    shop.take([sampleEvent({ type: "interaction", eventId: "v1", kind: "VISIT", occurredAt: START })], START);
    expect(shop.state("c1")).toMatchObject({ tier: "NONE" });
    shop.take([purchase("p1", START, 10_000)], START);
    expect(shop.state("c1")).toMatchObject({ tier: "OPTIMISATION" });
  });
});

function shopWith(artefact: Artefact) {
  let current = createModel(artefact);
  const known: Model[] = [current];
  const models: ModelShelf = {
    get current() {
      return current;
    },
    byId: (id) => shelfOf(current, ...known).byId(id),
    byRef: (ref) => shelfOf(current, ...known).byRef(ref),
  };
  const shop = new SampleShop(
    contracts,
    createScoringApplication({ contracts, model: current, models, consentDefault: "granted", clockMode: "wall" }),
  );
  return {
    shop,
    use(next: Artefact) {
      current = createModel(next);
      known.push(current);
    },
  };
}

/** The same customers reach higher tiers. */
function lowered(artefact: Artefact): Artefact {
  const { thresholds } = artefact.tiers;
  const tiers = {
    ...artefact.tiers,
    thresholds: thresholds.map(({ tier, fromMajor }) => ({ tier, fromMajor: fromMajor / 1_000 })),
  };
  return { ...artefact, version: "lowered", tiers };
}

const TIERS = ["OPTIMISATION", "DEVELOPMENT", "SILVER", "GOLD", "PLATINUM"] as const;

/** @param levels points or grades of the five tiers, ascending */
function byCard(preset: string, levels: readonly (number | string)[]): Artefact {
  const scorecard = PRESETS.get(preset) as Scorecard;
  return {
    ...FIRST,
    name: preset,
    scorecards: [scorecard],
    tiers: {
      ...FIRST.tiers,
      by: {
        scorecard: preset,
        levels: TIERS.map((tier, index) => {
          const level = levels[index] ?? 0;
          return typeof level === "number" ? { tier, fromPoints: level } : { tier, grade: level };
        }),
      },
    },
    base: {
      asOf: START,
      revenueMajor: 1e6,
      abcFromMajor: { a: 5_000, b: 500 },
      categories: 10,
      quantiles: {
        recency: [10, 30, 90, 180],
        frequency: [1, 2, 3, 4],
        revenue: [1_000, 5_000, 20_000, 40_000],
        purchaseCycle: [7.5, 30, 60, 120],
        averageOrderValue: [500, 2_000, 5_000, 9_000],
      },
    },
  };
}

function purchase(eventId: string, occurredAt: number, amountMinor: number) {
  return sampleEvent({ type: "purchase", eventId, occurredAt, amountMinor });
}

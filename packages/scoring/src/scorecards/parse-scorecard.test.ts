import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parseScorecard, scorecardJsonSchema } from "./parse-scorecard.ts";

const CARD = {
  name: "own",
  version: 1,
  doc: "A card for tests.",
  completenessMin: 0.5,
  dimensions: [
    {
      name: "value",
      weight: 2,
      items: [
        { indicator: "recency", weight: 1, bins: { kind: "fixed", cuts: [30, 90], points: [100, 50, 0] } },
        { indicator: "custom.shelf-space", weight: 1, bins: { kind: "quantile", points: [0, 100] } },
      ],
    },
  ],
  grades: [{ grade: "good", from: 60 }, { grade: "other" }],
};

test("a scorecard that is one is read as it is", () => {
  expect(parseScorecard(CARD)).toEqual({ ok: true, scorecard: CARD });
});

test("the JSON Schema beside the presets is that of the code", () => {
  const file = new URL("scorecard.schema.json", import.meta.url);
  expect(JSON.parse(readFileSync(file, "utf8"))).toEqual(scorecardJsonSchema());
});

describe("what is wrong is said with its path", () => {
  const item = (change: object): object => changed("dimensions/0/items/0", change);

  test.each([
    ["no object", [], ""],
    ["a field that there is not", { ...CARD, formula: "a + b" }, ""],
    ["a name with spaces", { ...CARD, name: "My card" }, "/name"],
    ["a weight of 0", item({ weight: 0 }), "/dimensions/0/items/0/weight"],
    [
      "points beyond 100",
      item({ bins: { kind: "fixed", cuts: [], points: [101] } }),
      "/dimensions/0/items/0/bins/points/0",
    ],
    ["a formula", item({ bins: { kind: "code", code: "x" } }), "/dimensions/0/items/0/bins/kind"],
    ["too few points", item({ bins: { kind: "fixed", cuts: [1], points: [1] } }), "/dimensions/0/items/0/bins/points"],
    [
      "cuts that do not ascend",
      item({ bins: { kind: "fixed", cuts: [2, 2], points: [0, 1, 2] } }),
      "/dimensions/0/items/0/bins/cuts",
    ],
    ["an indicator that there is not", item({ indicator: "luck" }), "/dimensions/0/items/0/indicator"],
    ["an indicator that is a name", item({ indicator: "preferredChannel" }), "/dimensions/0/items/0/indicator"],
    ["a custom number without a name", item({ indicator: "custom." }), "/dimensions/0/items/0/indicator"],
    [
      "two dimensions of a name",
      { ...CARD, dimensions: [...CARD.dimensions, ...CARD.dimensions] },
      "/dimensions/1/name",
    ],
    ["a last grade with a condition", { ...CARD, grades: [{ grade: "good", from: 60 }] }, "/grades/0"],
    ["a grade behind one that always holds", { ...CARD, grades: [{ grade: "a" }, { grade: "b" }] }, "/grades/0"],
    ["two grades of a name", { ...CARD, grades: [{ grade: "a", from: 1 }, { grade: "a" }] }, "/grades/1/grade"],
    ["a condition on no dimension", graded({ dimension: "luck", from: 1 }), "/grades/0/when/0/dimension"],
    ["a condition without a bound", graded({ dimension: "value" }), "/grades/0/when/0"],
  ])("%s", (_, json, path) => {
    const parsed = parseScorecard(json);
    expect(parsed.ok ? [] : parsed.problems.map((problem) => problem.path)).toEqual([path]);
  });

  test("all of it together", () => {
    const parsed = parseScorecard({ ...CARD, version: 0, completenessMin: 2, doc: "" });
    expect(parsed.ok ? [] : parsed.problems.map(({ path }) => path)).toEqual(["/version", "/doc", "/completenessMin"]);
  });

  test.each(["custom.age", "custom.customerAge", "custom.marital_status", "custom.性别", "custom.trade union member"])(
    "the protected attribute %s",
    (indicator) => {
      const parsed = parseScorecard(item({ indicator }));
      expect(parsed.ok ? "" : parsed.problems[0]?.message).toContain("protected");
    },
  );

  test("an attribute that the installation protects, and not those whose names only sound alike", () => {
    expect(parseScorecard(item({ indicator: "custom.postcode" }), new Set(["postcode"]))).toMatchObject({ ok: false });
    expect(parseScorecard(item({ indicator: "debtRatio" }), new Set(["debtRatio"]))).toMatchObject({ ok: false });
    for (const name of ["average", "storage", "pages", "healthScore", "embrace"]) {
      expect(parseScorecard(item({ indicator: `custom.${name}` }))).toMatchObject({ ok: true });
    }
  });
});

/** The card with the object at a path changed. */
function changed(path: string, change: object): object {
  const card = structuredClone(CARD);
  const steps = path.split("/");
  Object.assign(steps.reduce((at: unknown, step) => (at as Record<string, unknown>)[step], card) as object, change);
  return card;
}

function graded(condition: object): object {
  return { ...CARD, grades: [{ grade: "a", when: [condition] }, { grade: "b" }] };
}

import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { calibrationChart } from "./calibration-chart.ts";
import { frequencyChart } from "./frequency-chart.ts";
import { gainChart } from "./gain-chart.ts";
import { outcomeChart } from "./outcome-chart.ts";
import { trackingChart } from "./tracking-chart.ts";
import { readXml, type XmlElement } from "./read-xml.ts";

const HEADING = { title: "A title", subtitle: "of something" };

const bin = (meanPredicted: number, observed: number): Parameters<typeof calibrationChart>[0]["bins"][number] => ({
  count: 10,
  meanPredicted,
  observed,
  interval: { lower: Math.max(0, observed - 0.1), upper: Math.min(1, observed + 0.1) },
});
const group = (population: number, gain: number, lift: number): { population: number; gain: number; lift: number } => ({
  population,
  gain,
  lift,
});
const week = (
  number: number,
  actual: number,
  expected: number,
): { week: number; actual: number; expected: number } => ({
  week: number,
  actual,
  expected,
});

const calibration = (bins: Parameters<typeof calibrationChart>[0]["bins"], predictions: readonly number[]): string =>
  calibrationChart({ ...HEADING, event: "no purchase", bins, predictions });
const gain = (...rankings: Parameters<typeof gainChart>[0]["rankings"]): string =>
  gainChart({ ...HEADING, value: "revenue", rankings });
const tracking = (weeks: ReturnType<typeof week>[], calibrationEnd: number): string =>
  trackingChart({ ...HEADING, weeks, calibrationEnd });
const frequency = (...pairs: readonly (readonly [number, number])[]): string =>
  frequencyChart({
    ...HEADING,
    frequencies: pairs.map(([actual, expected], k) => ({ label: String(k), actual, expected })),
  });

describe("what is drawn is what is there", () => {
  test("outcomes: two bars a group, as high as their shares, and none for what is not known", () => {
    const outcome = (share: number): { share: number; lower: number; upper: number; of: number } => {
      return { share, lower: share - 0.1, upper: share + 0.1, of: 50 };
    };
    const groups = [
      { label: "0.5", outcomes: [outcome(0.2), outcome(0.4)] },
      { label: "0.7", outcomes: [outcome(0.3), outcome(NaN)] },
    ];
    const drawn = outcomeChart({ ...HEADING, value: "silent", group: "band", series: ["below", "alerted"], groups });
    const picture = readXml(drawn);
    const heights = withClass(picture, "bar").map(({ attributes }) => Number(attributes["height"]));
    expect(heights.length).toBe(3);
    expect((heights[1] ?? 0) / (heights[0] ?? 1)).toBeCloseTo(2, 2);
    expect(words(picture, "desc")).toBe(
      "The silent, below and alerted: 0.5: 20\u00A0% and 40\u00A0%; 0.7: 30\u00A0% and none.",
    );
  });

  test("calibration: a point and an interval a bin, at their places, over a histogram of all predictions", () => {
    const picture = readXml(calibration([bin(0.2, 0.3), bin(0.5, 0.5), bin(0.9, 0.8)], [0.1, 0.1, 0.9, 1, NaN]));
    const found = withClass(picture, "point");
    expect(found.length).toBe(3);
    expect(withClass(picture, "interval").length).toBe(3);
    expect(withClass(picture, "bar").length).toBe(3);
    // The last bar, of a prediction of 1, ends where the axis does.
    const last = withClass(picture, "bar").at(-1)?.attributes;
    const axisEnd = Number(withClass(picture, "axis")[0]?.attributes["x2"]);
    expect(Number(last?.["x"]) + Number(last?.["width"])).toBeCloseTo(axisEnd, -1);
    expect(Number(last?.["x"]) + Number(last?.["width"])).toBeLessThanOrEqual(axisEnd);
    expect(labels(picture)).toContain("100\u00A0%");
    expect(words(picture, "desc")).toContain("4 customers");
    const [first, second, third] = found.map(({ attributes }) => [Number(attributes["cx"]), Number(attributes["cy"])]);
    // Predicted .2, .5, .9: the second lies 3/7 of the way; higher shares stand higher.
    const way = ((second?.[0] ?? NaN) - (first?.[0] ?? NaN)) / ((third?.[0] ?? NaN) - (first?.[0] ?? NaN));
    expect(way).toBeCloseTo(3 / 7, 3);
    expect(((first?.[1] ?? NaN) - (second?.[1] ?? NaN)) / ((first?.[1] ?? NaN) - (third?.[1] ?? NaN))).toBeCloseTo(
      2 / 5,
      3,
    );
    expect(words(picture, "desc")).toContain("20\u00A0% → 30\u00A0%; 50\u00A0% → 50\u00A0%");
  });

  test("calibration of low rates fills the plot", () => {
    const picture = readXml(
      calibration(
        [bin(0.001, 0.001)].map((one) => ({ ...one, interval: { lower: 0, upper: 0.004 } })),
        [0.001],
      ),
    );
    expect(labels(picture)).toContain("0.4\u00A0%");
    expect(labels(picture)).not.toContain("100\u00A0%");
  });

  test("gain: a line from the origin and a point a group for each ranking, a bar a group of the first", () => {
    const groups = [group(0.5, 0.8, 1.6), group(1, 1, 0.4)];
    const picture = readXml(gain({ name: "value", groups }, { name: "recency", groups: groups.slice(1) }));
    expect(withClass(picture, "point").length).toBe(3);
    expect(
      withClass(picture, "first-line")
        .filter(({ name }) => name === "polyline")
        .map(corners),
    ).toEqual([3]);
    expect(
      withClass(picture, "second-line")
        .filter(({ name }) => name === "polyline")
        .map(corners),
    ).toEqual([2]);
    const heights = withClass(picture, "bar").map(({ attributes }) => Number(attributes["height"]));
    expect((heights[0] ?? NaN) / (heights[1] ?? NaN)).toBeCloseTo(4, 2);
    expect(labels(picture)).toEqual(expect.arrayContaining(["value", "recency", "at random", "1.6×", "0.4×"]));
  });

  test("tracking: a corner a week in both lines, and the calibration's end at its week", () => {
    const weeks = Array.from({ length: 40 }, (_, i) => week(i + 1, i * 10, i * 11));
    const picture = readXml(tracking(weeks, 20));
    const lines = all(picture, "polyline");
    expect(lines.map(corners)).toEqual([40, 40]);
    const [mark] = withClass(picture, "mark");
    const atWeek20 = lines[0]?.attributes["points"]?.split(" ")[19]?.split(",")[0];
    expect(mark?.attributes["x1"]).toBe(atWeek20);
    // The last week: 390 and 429 of an axis that begins at 0 where both lines do.
    const heights = lines.map(({ attributes }) => {
      const [first, last] = [0, 39].map((i) => Number(attributes["points"]?.split(" ")[i]?.split(",")[1]));
      return (first ?? NaN) - (last ?? NaN);
    });
    expect((heights[0] ?? NaN) / (heights[1] ?? NaN)).toBeCloseTo(390 / 429, 3);
    expect(labels(picture)).toContain("calibration ends: week 20");
    expect(words(picture, "desc")).toContain("by week 40 390 actual and 429 expected");
  });

  test("frequency: two bars a number of purchases, as high as they count, side by side", () => {
    const picture = readXml(frequency([100, 80], [40, 60]));
    const bars = withClass(picture, "bar").map(({ attributes }) => attributes);
    const heights = bars.map(({ height }) => Number(height));
    expect(heights.map((height) => Math.round((height / (heights[0] ?? NaN)) * 100))).toEqual([100, 80, 40, 60]);
    for (const [i, { x, width }] of bars.entries()) {
      const next = bars[i + 1];
      if (next !== undefined) expect(Number(x) + Number(width)).toBeLessThanOrEqual(Number(next["x"]));
    }
    expect(labels(picture)).toEqual(expect.arrayContaining(["100", "80", "40", "60", "customers", "repeat purchases"]));
  });
});

const EXTREMES: readonly (readonly [string, string])[] = [
  ["calibration of nothing", calibration([], [])],
  ["calibration of one", calibration([bin(0.97, 1)], [0.97])],
  ["calibration at the ends", calibration([bin(0.5, 0.5)], [0, 1, 1])],
  ["calibration at 0", calibration([{ ...bin(0, 0), interval: { lower: 0, upper: 0 } }], [0, 0])],
  ["calibration with what is not finite", calibration([bin(NaN, 1), bin(0.5, NaN)], [NaN, Infinity])],
  ["gain of nothing", gain()],
  ["gain of a ranking of nobody", gain({ name: "value", groups: [] })],
  ["gain of one", gain({ name: "value", groups: [group(1, 1, 1)] })],
  ["gain of no value", gain({ name: "value", groups: [group(0.5, NaN, NaN), group(1, NaN, NaN)] })],
  ["gain of zeros", gain({ name: "value", groups: [group(0.5, 0, 0), group(1, 0, 0)] })],
  [
    "gain by rankings of long names",
    gain(...["a", "b", "c"].map((name) => ({ name: name.repeat(90), groups: [group(1, 1, 1)] }))),
  ],
  ["tracking of nothing", tracking([], 0)],
  ["tracking of one", tracking([week(1, 3, 2.5)], 1)],
  ["tracking of zeros", tracking([week(1, 0, 0), week(2, 0, 0)], 1)],
  ["tracking of huge counts", tracking([week(1, 1e9, 2e300), week(1e6, 1e12, 3e300)], 1e5)],
  ["tracking calibrated past the data", tracking([week(1, 1, 1), week(2, 2, 2)], 30)],
  ["tracking with what is not finite", tracking([week(1, NaN, 1), week(2, 2, Infinity)], 1)],
  ["frequency of nothing", frequency()],
  ["frequency of one", frequency([5, 4.2])],
  ["frequency of zeros", frequency([0, 0], [0, 0])],
  ["frequency of huge counts", frequency([1e18, 9.4e17], [1, 1e300])],
  ["frequency of many", frequency(...Array.from({ length: 3000 }, (_, k) => [k, k] as const))],
  ["frequency with what is not finite", frequency([NaN, 1], [1, Infinity])],
];

describe.each(EXTREMES)("%s", (_, svg) => {
  const picture = readXml(svg);

  test("is a well-formed picture of numbers, with title and description", () => {
    expect(picture.name).toBe("svg");
    expect(svg).not.toMatch(/NaN|Infinity|undefined/);
    expect(words(picture, "title")).toBe("A title");
    expect(words(picture, "desc")).toMatch(/\.$/);
    for (const { name, attributes } of everything(picture)) {
      for (const [key, value] of Object.entries(attributes)) {
        if (NUMERIC.has(key)) expect(value, `${name} ${key}`).toMatch(/^-?\d+(\.\d+)?$/);
      }
    }
  });

  test("keeps inside itself, its labels apart", () => {
    const { width, height } = picture.attributes;
    expect(legendEnd(picture)).toBeLessThan(Number(width));
    for (const { name, attributes } of everything(picture)) {
      if (name === "line") {
        for (const key of ["x1", "x2"]) expect(Number(attributes[key])).toBeLessThanOrEqual(Number(width));
      }
      if (name !== "rect" && name !== "circle" && name !== "text") continue;
      const x = Number(attributes["x"] ?? attributes["cx"] ?? 0);
      const y = Number(attributes["y"] ?? attributes["cy"] ?? 0);
      expect(x).toBeGreaterThanOrEqual(0);
      expect(x + Number(attributes["width"] ?? 0)).toBeLessThanOrEqual(Number(width));
      expect(y).toBeGreaterThanOrEqual(0);
      expect(y + Number(attributes["height"] ?? 0)).toBeLessThanOrEqual(Number(height));
      expect(Number(attributes["height"] ?? 0)).toBeGreaterThanOrEqual(0);
    }
    expectApart(picture);
  });
});

test("what has nothing to show says so", () => {
  const silent = EXTREMES.filter(([name]) => /nothing|nobody|no value|not finite/.test(name));
  expect(silent.length).toBe(9);
  for (const [name, svg] of silent) {
    const said = labels(readXml(svg)).filter((label) => label === "no data");
    expect([name, said.length]).toEqual([name, name.startsWith("gain") ? 2 : 1]);
  }
});

test("words of any kind arrive as they were, cut off with an ellipsis where they are too long", () => {
  const odd = `<script>alert("1 & 2")</script> 'é' 漢字 👩‍👩‍👧`;
  const svg = calibrationChart({ title: odd, subtitle: "x".repeat(10_000), event: odd, bins: [], predictions: [] });
  const picture = readXml(svg);
  expect(svg).not.toContain("<script>");
  expect(words(picture, "title")).toBe(odd);
  expect(labels(picture)).toContain(odd);
  expect(labels(picture).find((label) => label.startsWith("xxx"))).toMatch(/^x{50,150}…$/);
  expect(words(readXml(tracking([], 0).replace("A title", "a")), "title")).toBe("a");
});

test("what XML cannot hold is replaced", () => {
  const svg = frequencyChart({ title: "a\u0000b\uD800c\uFFFEd", subtitle: "", frequencies: [] });
  expect(words(readXml(svg), "title")).toBe("a\uFFFDb\uFFFDc\uFFFDd");
});

test("a picture is light, and dark for those who prefer it, in colours that differ", () => {
  const style = words(readXml(frequency([1, 1])), "style");
  const [light = "", dark = ""] = style.split("@media (prefers-color-scheme:dark)");
  const rules = (part: string): string[] => part.match(/\.tidemark-chart [^{]+\{(fill|stroke):#\w{6}\}/g) ?? [];
  expect(rules(light).length).toBeGreaterThan(10);
  expect(rules(dark).length).toBe(rules(light).length);
  expect(rules(dark).filter((one) => rules(light).includes(one))).toEqual([]);
});

test("any counts make a picture of numbers with its labels apart", () => {
  const count = fc.oneof(fc.nat(50), fc.nat(1e9), fc.double({ min: 0, max: 1e15, noNaN: true }));
  fc.assert(
    fc.property(fc.array(fc.tuple(count, count), { maxLength: 60 }), fc.nat(80), (pairs, calibrationEnd) => {
      const bars = readXml(frequency(...pairs));
      expect(withClass(bars, "bar").length).toBe(2 * pairs.length);
      expectApart(bars);
      let sum = 0;
      const weeks = pairs.map(([actual, expected], i) => week(i + 1, (sum += actual), sum + expected));
      expectApart(readXml(tracking(weeks, calibrationEnd)));
    }),
    { numRuns: 60 },
  );
});

const NUMERIC = new Set(["x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "rx", "width", "height", "font-size"]);

function everything(element: XmlElement): XmlElement[] {
  return [element, ...element.children.flatMap(everything)];
}

function all(picture: XmlElement, name: string): XmlElement[] {
  return everything(picture).filter((element) => element.name === name);
}

/** Of the data, not of the legend, which stands above all plots. */
function withClass(picture: XmlElement, name: string): XmlElement[] {
  return everything(picture).filter(({ attributes }) => (attributes["class"] ?? "").split(" ").includes(name));
}

function corners({ attributes }: XmlElement): number {
  return attributes["points"]?.split(" ").length ?? 0;
}

function labels(picture: XmlElement): string[] {
  return all(picture, "text").map(({ text }) => text);
}

function words(picture: XmlElement, name: string): string {
  return picture.children.find((child) => child.name === name)?.text ?? "";
}

/** Where the text that reaches farthest to the right ends, of those that begin at their place. */
function legendEnd(picture: XmlElement): number {
  const ends = all(picture, "text")
    .filter(({ attributes }) => attributes["text-anchor"] === undefined)
    .map(({ attributes, text }) => Number(attributes["x"]) + text.length * 12 * 0.45);
  return Math.max(...ends);
}

/** No two texts overlap, taking a narrow font's widths: .5 em a character. */
function expectApart(picture: XmlElement): void {
  const boxes = all(picture, "text").map(({ attributes, text }) => {
    const size = attributes["class"] === "chart-title" ? 17 : Number(attributes["font-size"] ?? 12);
    const width = text.length * size * 0.5;
    const shift = { start: 0, middle: 0.5, end: 1 }[attributes["text-anchor"] ?? "start"] ?? 0;
    const left = Number(attributes["x"]) - shift * width;
    const bottom = Number(attributes["y"]);
    return { text, left, right: left + width, top: bottom - size * 0.75, bottom };
  });
  const rows = boxes.toSorted((a, b) => a.bottom - b.bottom || a.left - b.left);
  for (const [i, box] of rows.entries()) {
    for (const other of rows.slice(i + 1, i + 60)) {
      const overlaps =
        box.left < other.right && other.left < box.right && box.top < other.bottom && other.top < box.bottom;
      if (overlaps) expect.unreachable(`"${box.text}" overlaps "${other.text}"`);
    }
  }
  expect(boxes.length).toBeGreaterThan(0);
}

import { expect, test } from "vitest";
import { readXml } from "./read-xml.ts";
import { element, escapeText, fitText, points, text, textWidth, tooltip } from "./svg.ts";

test("an element holds its attributes and children, text and attributes escaped", () => {
  const svg = element("g", { class: 'a"b<&', x: 1 }, text("1 < 2", { y: 2 }), tooltip('"x"'));
  expect(readXml(svg)).toMatchObject({
    attributes: { class: 'a"b<&', x: "1" },
    children: [
      { name: "text", attributes: { y: "2" }, text: "1 < 2" },
      { name: "title", text: '"x"' },
    ],
  });
  expect(element("g", {})).toBe("<g/>");
});

test("coordinates are rounded to hundredths, and what is no number is refused", () => {
  expect(element("a", { x: 1 / 3, y: -1e-9, z: 1200 })).toBe('<a x="0.33" y="0" z="1200"/>');
  expect(
    points([
      [1 / 3, 2],
      [-0.005, 4],
    ]),
  ).toMatch(/^0.33,2 -?0(.01)?,4$/);
  expect(() => element("a", { x: NaN })).toThrow(new RangeError("a x is NaN"));
  expect(() => points([[0, Infinity]])).toThrow(RangeError);
});

test("what XML cannot hold becomes the replacement character, all else stays", () => {
  expect(escapeText("a\u0008b\uDC00c\uFFFFd\te\n👩")).toBe("a\uFFFDb\uFFFDc\uFFFDd\te\n👩");
});

test("a text that is too wide ends in an ellipsis, within its width, at a whole character", () => {
  expect(fitText("short", 12, 100)).toBe("short");
  const fitted = fitText("a long text that does not fit", 12, 100);
  expect(fitted).toMatch(/^a long .*…$/);
  expect(textWidth(fitted, 12)).toBeLessThanOrEqual(100);
  expect(fitText("👩‍👩‍👧👩‍👩‍👧👩‍👩‍👧", 12, 90)).toBe("👩‍👩‍👧…");
  expect(fitText("abc", 12, 0)).toBe("…");
});

test("wide characters take more room than narrow ones, and size counts", () => {
  expect(textWidth("iii", 12)).toBeLessThan(textWidth("aaa", 12));
  expect(textWidth("aaa", 12)).toBeLessThan(textWidth("mmm", 12));
  expect(textWidth("AAA", 12)).toBeLessThan(textWidth("MMM", 12));
  expect(textWidth("aaa", 24)).toBeCloseTo(2 * textWidth("aaa", 12), 12);
});

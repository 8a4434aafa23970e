import { expect, test } from "vitest";
import { readXml } from "./read-xml.ts";

test("reads elements, attributes and text", () => {
  expect(readXml('<a x="1 &amp; 2">b<c/>&lt;d</a>')).toEqual({
    name: "a",
    attributes: { x: "1 & 2" },
    children: [{ name: "c", attributes: {}, children: [], text: "" }],
    text: "b<d",
  });
});

test.each([
  "<a>",
  "<a></b>",
  "<a/><b/>",
  "<a x=1/>",
  '<a x="1" x="2"/>',
  '<a x="<"/>',
  "<a>&</a>",
  "<a>&nbsp;</a>",
  "<a>\u0001</a>",
  "<a>\uD800</a>",
  "a",
])("refuses %j", (source) => {
  expect(() => readXml(source)).toThrow(/, at \d+/);
});

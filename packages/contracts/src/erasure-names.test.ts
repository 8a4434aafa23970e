import { expect, test } from "vitest";
import { createErasureNames } from "./erasure-names.ts";

const SECRET = "0123456789abcdef0123456789abcdef";

test("a marker's name is the same for the same id and secret, and tells neither", () => {
  const { markerKey, check } = createErasureNames(SECRET);
  expect(markerKey("c-42")).toBe(createErasureNames(SECRET).markerKey("c-42"));
  expect(markerKey("c-42")).toMatch(/^[\w-]{43}$/);
  const others = [markerKey("c-43"), createErasureNames(`${SECRET}!`).markerKey("c-42"), check];
  expect(new Set([markerKey("c-42"), ...others]).size).toBe(4);
});

test("another secret has another check", () => {
  expect(createErasureNames(SECRET).check).toBe(createErasureNames(SECRET).check);
  expect(createErasureNames(`${SECRET}!`).check).not.toBe(createErasureNames(SECRET).check);
});

import * as fc from "fast-check";
import { expect, test } from "vitest";
import { formatPosition, parsePosition } from "./stream-position.ts";

test("an id names the next offset of each partition", () => {
  expect(formatPosition([123, 98])).toBe("0:123,1:98");
  expect(parsePosition("0:123,1:98", 2)).toEqual([123, 98]);
  expect(parsePosition("1:98,0:123", 2)).toEqual([123, 98]);
});

test("every position is read back from its id", () => {
  const offset = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
  fc.assert(
    fc.property(fc.array(offset, { minLength: 1, maxLength: 64 }), (position) => {
      expect(parsePosition(formatPosition(position), position.length)).toEqual(position);
    }),
  );
});

test.each(["", "0", "0:", "0:1", "0:1,0:2", "0:1,1:2,2:3", "0:1,2:3", "0:-1,1:2", "0:1,1:9007199254740993", "a:b,c:d"])(
  "%j is no id of a topic of two partitions",
  (text) => {
    expect(parsePosition(text, 2)).toBeNull();
  },
);

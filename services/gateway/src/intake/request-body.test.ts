import { describe, expect, test } from "vitest";
import * as body from "./request-body.ts";

const readEvents = (from: Buffer, max: number): body.Entry[] => [...body.readEvents(from, max)];
const readLines = (from: Buffer, max: number): body.Entry[] => [...body.readLines(from, max)];
const bytes = (text: string): Buffer => Buffer.from(text);
const problem = (status: number, code: string): unknown => expect.objectContaining({ status, code });

describe("a body of events", () => {
  test("gives them in order", () => {
    expect(readEvents(bytes('{"events":[1,{"a":2}]}'), 10)).toEqual([
      { ok: true, json: 1 },
      { ok: true, json: { a: 2 } },
    ]);
  });

  test.each(["", "{", "not json", '{"events":[1,]}', '{"events":NaN}'])("%j is not JSON", (text) => {
    expect(() => readEvents(bytes(text), 10)).toThrow(problem(400, "NOT_JSON"));
  });

  test.each(["[]", "null", "1", "{}", '{"events":1}', '{"events":{}}', '{"events":[],"more":1}', '{"__proto__":[]}'])(
    "%j is JSON of another shape",
    (text) => {
      expect(() => readEvents(bytes(text), 10)).toThrow(problem(400, "BODY_INVALID"));
    },
  );

  test("may not be cut UTF-8", () => {
    const broken = Buffer.concat([bytes('{"events":["'), Buffer.from([0xc3]), bytes('"]}')]);
    expect(() => readEvents(broken, 10)).toThrow(problem(400, "NOT_UTF8"));
  });

  test("may be as deep as a body is long", () => {
    const deep = "[".repeat(500_000) + "]".repeat(500_000);
    expect(readEvents(bytes(`{"events":[${deep}]}`), 10)).toHaveLength(1);
  });

  test("may not be too many", () => {
    expect(() => readEvents(bytes('{"events":[1,2,3]}'), 2)).toThrow(problem(413, "TOO_MANY_ENTRIES"));
  });
});

describe("lines", () => {
  test("are counted without the blank ones", () => {
    expect(readLines(bytes("1\r\n\n  \n2\n"), 2)).toEqual([
      { ok: true, json: 1 },
      { ok: true, json: 2 },
    ]);
  });

  test("go wrong one by one", () => {
    const broken = Buffer.concat([bytes('1\n{"a"\n'), Buffer.from([0xff, 0xfe]), bytes("\n4")]);
    expect(readLines(broken, 10)).toEqual([
      { ok: true, json: 1 },
      expect.objectContaining({ ok: false, code: "NOT_JSON" }),
      expect.objectContaining({ ok: false, code: "NOT_UTF8" }),
      { ok: true, json: 4 },
    ]);
    // Neighbours are read as the UTF-8 that they are.
    const beside = Buffer.concat([bytes('"é€"\n'), Buffer.from([0xc3]), bytes("\n")]);
    expect(readLines(beside, 10)).toEqual([
      { ok: true, json: "é€" },
      expect.objectContaining({ ok: false, code: "NOT_UTF8" }),
    ]);
  });

  test("may not be too many", () => {
    expect(() => readLines(bytes("1\n2\n3\n"), 2)).toThrow(problem(413, "TOO_MANY_ENTRIES"));
    expect(readLines(bytes("1\n2\n\n"), 2)).toHaveLength(2);
  });
});

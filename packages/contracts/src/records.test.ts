import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { renderRecords } from "../scripts/generate-records.ts";

test("the record types are those of the schemas (scripts/generate-records.ts writes them)", () => {
  expect(readFileSync(new URL("./records.ts", import.meta.url), "utf8")).toBe(renderRecords());
});

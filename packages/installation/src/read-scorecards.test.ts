import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PRESETS, type Scorecard } from "@tidemark/scoring/scorecards";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readScorecards } from "./read-scorecards.ts";

const rfm = PRESETS.get("rfm") as Scorecard;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "tidemark-cards-"));
});
afterAll(() => rm(folder, { recursive: true }));

test("files and directories are read, several at once", async () => {
  await put("one.json", { ...rfm, name: "one" });
  await put("two.json", { ...rfm, name: "two" });
  await writeFile(join(folder, "notes.txt"), "no scorecard");
  expect((await readScorecards([folder])).map(({ name }) => name)).toEqual(["one", "two"]);
  expect((await readScorecards([join(folder, "two.json")])).map(({ name }) => name)).toEqual(["two"]);
  expect(await readScorecards([])).toEqual([]);
});

test("every problem of every file is told together, with the file and the place in it", async () => {
  const [dimension] = rfm.dimensions;
  const items = dimension?.items.map((item) => ({ ...item, indicator: "custom.ageGroup" }));
  await put("protected.json", { ...rfm, name: "protected", dimensions: [{ ...dimension, items }] });
  await put("again.json", { ...rfm, name: "one" });
  await writeFile(join(folder, "broken.json"), "{");
  const failure = await readScorecards([folder, join(folder, "missing.json")]).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: "CONFIG_INVALID" });
  const { message } = failure as Error;
  expect(message).toContain("protected.json: /dimensions/0/items/0/indicator is a protected attribute");
  expect(message).toContain(`one.json: /name is that of ${join(folder, "again.json")} too`);
  expect(message).toContain("broken.json: is no JSON");
  expect(message).toContain("missing.json: cannot be read");
});

async function put(name: string, json: unknown): Promise<void> {
  await writeFile(join(folder, name), JSON.stringify(json));
}

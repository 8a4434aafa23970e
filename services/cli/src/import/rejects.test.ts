import { link, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { rejectsFile } from "./rejects.ts";

let directory = "";
const input = "no-such-file.csv";
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "rejects-"));
});
afterEach(async () => rm(directory, { recursive: true }));

it("lists what was rejected in all blocks of a file, and nothing of an earlier import", async () => {
  const path = join(directory, "rejects.csv");
  await writeFile(path, "from last time\n".repeat(100));
  const rejects = rejectsFile(path, input);
  rejects.add(2, { code: "A", reason: 'a "quoted" reason' });
  await rejects.flush();
  await rejects.flush();
  rejects.add(7, { code: "B", reason: "b, c" });
  await rejects.close();
  expect(rejects.count).toBe(2);
  expect(await readFile(path, "utf8")).toBe('line,code,reason\n2,A,"a ""quoted"" reason"\n7,B,"b, c"\n');
});

it("makes no file where there is nothing to list, and says where else it could", async () => {
  const path = join(directory, "rejects.csv");
  await rejectsFile(path, input).close();
  expect(await readdir(directory)).toEqual([]);
  const elsewhere = rejectsFile(join(directory, "no", "rejects.csv"), input);
  elsewhere.add(1, { code: "A", reason: "a" });
  await expect(elsewhere.close()).rejects.toThrow("--rejects");
});

it("never takes the place of the file that is being imported", async () => {
  const path = join(directory, "purchases.csv");
  await writeFile(path, "the only copy");
  await link(path, join(directory, "another-name.csv"));
  for (const rejected of [path, join(directory, ".", "purchases.csv"), join(directory, "another-name.csv")]) {
    const rejects = rejectsFile(rejected, path);
    rejects.add(1, { code: "A", reason: "a" });
    await expect(rejects.close()).rejects.toThrow("--rejects");
  }
  expect(await readFile(path, "utf8")).toBe("the only copy");
});

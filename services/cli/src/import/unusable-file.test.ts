import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Writable } from "node:stream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runProgram } from "../program.ts";
import { contextForTest, runInProcess } from "../run-command.ts";

const startedIn = process.cwd();
let cwd = "";
beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), "unusable-file-"));
  process.chdir(cwd);
});
afterEach(async () => {
  process.chdir(startedIn);
  await rm(cwd, { recursive: true });
});

describe("an import of a file that cannot be used", () => {
  it("makes no data directory, and asks no server", async () => {
    await writeFile("f.csv", "kunde,datum,summe\n1,2024-01-01,5\n");
    expect(await runInProcess(["import", "f.csv"])).toMatchObject({ code: 2 });
    // Nobody answers there.
    expect(await runInProcess(["import", "f.csv", "--url", "http://127.0.0.1:1"])).toMatchObject({ code: 2 });
    expect(await readdir(cwd)).toEqual(["f.csv"]);
  });

  it("says what is wrong with it in words", async () => {
    expect(await runInProcess(["import", "no-such.csv"])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/cannot read no-such\.csv: there is no such file or directory$/mu),
    });
  });

  it.each([
    ["columns are missing", "kunde,datum,summe\n1,2024-01-01,5\n", []],
    ["it cannot go there", "customer,date,amount\n1,2024-01-01,5\n", ["--data-dir", "a-file"]],
  ])("lets go of standard input, which may go on for ever, where %s", async (_why, text, words) => {
    await writeFile("a-file", "");
    const stdin = new PassThrough();
    stdin.write(text);
    let said = "";
    const stderr = new Writable({
      write(chunk, _encoding, done) {
        said += String(chunk);
        done();
      },
    });
    expect(await runProgram(["import", "-", ...words], contextForTest({ stdin, stderr }))).toBeGreaterThan(1);
    expect(said).not.toBe("");
    expect(stdin.destroyed).toBe(true);
    expect(await readdir(cwd)).toEqual(["a-file"]);
  });
});

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { expect, test } from "vitest";
import { exitCodes } from "./failure.ts";
import { runProgram } from "./program.ts";
import { contextForTest, runInProcess } from "./run-command.ts";

test("what is listed of a directory ends where it is interrupted", { timeout: 60_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), "tidemark-interrupted-"));
  const purchases = "customer,date,amount\na,2026-01-31,1\nb,2026-01-31,2\nc,2026-01-31,3\n";
  expect(await runInProcess(["import", "-", "--data-dir", folder], {}, purchases)).toMatchObject({ code: 0 });
  const interrupted = new AbortController();
  const lines: string[] = [];
  const stdout = new Writable({
    write(line, _encoding, done) {
      lines.push(String(line));
      interrupted.abort(new Error("interrupted"));
      done();
    },
  });

  const words = ["inspect", "--profiles", "--json", "--data-dir", folder];
  const code = await runProgram(words, contextForTest({ stdout, signal: interrupted.signal }));
  await rm(folder, { recursive: true });

  expect({ code, lines: lines.length }).toEqual({ code: exitCodes.interrupted, lines: 1 });
});

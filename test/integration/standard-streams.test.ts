import { spawnSync } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openSandbox, ROOT, type Sandbox } from "./sandbox.ts";
import { until } from "./until.ts";

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await openSandbox();
});
afterAll(() => sandbox[Symbol.asyncDispose]());

test(
  "a server whose reader has gone before it said anything serves, and stops cleanly",
  { timeout: 60_000 },
  async () => {
    const { child, ended } = sandbox.begin(["start", "--port", "0", "--data-dir", "unread"]);
    child.stdout?.destroy();
    const address = await until("it answers", () =>
      readFile(join(sandbox.folder, "unread/server.json"), "utf8").catch(() => null),
    );
    const { url } = JSON.parse(address) as { readonly url: string };
    await until("it is ready", async () => ((await fetch(`${url}/readyz`)).status === 200 ? true : null));
    child.kill("SIGTERM");

    expect(await ended).toMatchObject({ code: 0, stderr: "" });
    await expect(readFile(join(sandbox.folder, "unread/server.json"))).rejects.toMatchObject({ code: "ENOENT" });
  },
);

test("an import that nobody looks on at does its work", { timeout: 60_000 }, async () => {
  await writeFile(join(sandbox.folder, "purchases.csv"), "customer,date,amount\nc1,2026-01-31,12.50\n");
  const { child, ended } = sandbox.begin(["import", "purchases.csv", "--json", "--data-dir", "unseen"]);
  child.stderr?.destroy();

  const { code, stdout } = await ended;
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ rows: 1, accepted: 1 });
});

test("the first line of many is read without a failure", { timeout: 60_000 }, async () => {
  const { child, ended } = sandbox.begin(["simulate", "--days", "300", "--out", "-"]);
  child.stdout?.once("data", () => child.stdout?.destroy());

  expect(await ended).toMatchObject({ code: 0, stderr: "" });
});

test("a result that cannot be written is said so in one line", () => {
  const unwritable = openSync(import.meta.filename, "r");
  const ended = spawnSync(process.execPath, [join(ROOT, "services/cli/src/main.ts"), "--help"], {
    stdio: ["ignore", unwritable, "pipe"],
  });
  closeSync(unwritable);

  expect(ended.status).toBe(2);
  expect(ended.stderr.toString()).toMatch(/^tidemark: cannot write to standard output: .*\n$/u);
});

import { spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";

/** `setup.cjs` in a checkout of its own, with a program in npx's place that notes its arguments and obeys. */
const SETUP = fileURLToPath(new URL("../../setup.cjs", import.meta.url));
let checkout: string;

beforeEach(() => {
  checkout = mkdtempSync(join(tmpdir(), "tidemark-setup-"));
  for (const folder of ["programs", "packages/a", "services/b"]) mkdirSync(join(checkout, folder), { recursive: true });
  copyFileSync(SETUP, join(checkout, "setup.cjs"));
  writeFileSync(join(checkout, "package.json"), '{ "engines": { "pnpm": "1.2.3" } }');
  writeFileSync(join(checkout, "pnpm-lock.yaml"), "first");
  npx('mkdir -p node_modules/.bin; echo "progress"');
});

afterEach(() => rmSync(checkout, { recursive: true }));

test("installs with the pinned pnpm and a frozen lockfile, and prints nothing to standard output", () => {
  const ran = setup();

  expect(ran).toMatchObject({ status: 0, stdout: "" });
  expect(ran.stderr).toContain("installing the dependencies");
  expect(installs()).toEqual([expect.stringMatching(/ pnpm@1\.2\.3 install --frozen-lockfile /)]);
});

test("does nothing and says nothing once installed, until the lockfile or a package changes", () => {
  setup();

  expect(setup()).toMatchObject({ status: 0, stdout: "", stderr: "" });
  expect(installs()).toHaveLength(1);

  writeFileSync(join(checkout, "pnpm-lock.yaml"), "second");
  setup();
  writeFileSync(join(checkout, "packages/a/package.json"), "{}");
  setup();
  expect(installs()).toHaveLength(3);
});

test("--quiet keeps the installer's own output back unless it fails", () => {
  expect(setup("--quiet").stderr).not.toContain("progress");
  rmSync(join(checkout, "node_modules"), { recursive: true });

  npx('echo "the lockfile is not up to date"; exit 1');
  const failed = setup("--quiet");

  expect(failed.status).toBe(1);
  expect(failed.stderr).toContain("the lockfile is not up to date");
});

test("a registry that cannot be reached is told as that, and the next run tries again", () => {
  npx('echo "npm error code ENOTFOUND" >&2; exit 1');

  const ran = setup();

  expect(ran.status).toBe(1);
  expect(ran.stderr).toContain("registry cannot be reached (ENOTFOUND)");
  expect(existsSync(join(checkout, "node_modules/.tidemark-installed"))).toBe(false);
});

test("the reason of a failure is told also where npm was told to be silent", () => {
  npx('[ "$npm_config_loglevel" = silent ] || echo "npm error code ENOTFOUND" >&2; exit 1');

  expect(setup("--quiet").stderr).toContain("registry cannot be reached (ENOTFOUND)");
});

test("npm without npx is told as that", () => {
  const ran = spawnSync(process.execPath, ["setup.cjs"], { cwd: checkout, encoding: "utf8", env: { PATH: "" } });

  expect(ran.status).toBe(1);
  expect(ran.stderr).toContain("npx, which comes with npm, could not be started (ENOENT)");
});

test("a Node that is too old to install is told which one is needed", () => {
  const pretend = `Object.defineProperty(process.versions, "node", { value: "18.20.1" }); require("./setup.cjs")`;
  const ran = spawnSync(process.execPath, ["--eval", pretend], { cwd: checkout, encoding: "utf8" });

  expect(ran.status).toBe(1);
  expect(ran.stderr).toContain("this machine's Node is 18.20.1; version 20 or newer is needed");
});

test("an install that brought no Node that runs here is told as that", () => {
  npx(
    'mkdir -p node_modules/.bin; printf "#!/bin/sh\\necho 20.1.0\\n" >node_modules/.bin/node; chmod +x node_modules/.bin/node',
  );

  const ran = setup();

  expect(ran.status).toBe(1);
  expect(ran.stderr).toContain("there is no Node 24 for");
});

function npx(body: string): void {
  const program = join(checkout, "programs/npx");
  writeFileSync(program, `#!/bin/sh\necho "$@" >>installs\n${body}\n`);
  chmodSync(program, 0o755);
}

function installs(): readonly string[] {
  return readFileSync(join(checkout, "installs"), "utf8").trimEnd().split("\n");
}

function setup(...args: readonly string[]): { status: number | null; stdout: string; stderr: string } {
  const node = join(process.execPath, "..");
  return spawnSync(process.execPath, ["setup.cjs", ...args], {
    cwd: checkout,
    encoding: "utf8",
    env: { npm_config_loglevel: "silent", PATH: `${join(checkout, "programs")}:${node}:/usr/bin:/bin` },
  });
}

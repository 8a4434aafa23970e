import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { kafkaLacks } from "./kafka-check.ts";
import { runChecks, type Check } from "./run-check.ts";
import { closingLine, sum, tallyOf, type Tally, type TestReport } from "./tally.ts";

/**
 * `npm test`: every static check, then every test. The last line of the output is the tally over all of them; the
 * exit code is 0 only if nothing failed, and 2 if the tests cannot start for lack of Java or Maven. `--static` leaves the
 * tests out, `--long` runs their heavy versions.
 */
const CHECKS: readonly Check[] = [
  { name: "types", command: "tsc", args: ["--project", ".", "--noEmit"] },
  { name: "types of the page", command: "tsc", args: ["--project", "services/gateway/page", "--noEmit"] },
  { name: "lint", command: "oxlint", args: ["--type-aware", "--deny-warnings", "."] },
  { name: "format", command: "oxfmt", args: ["--check", "."] },
  { name: "boundaries", command: "node", args: ["test/check/boundaries.ts"] },
  { name: "unused code", command: "knip", args: ["--no-progress"] },
  { name: "tidiness", command: "node", args: ["test/check/tidy.ts"] },
];

const long = process.argv.includes("--long");
const statically = process.argv.includes("--static");
const lacking = statically ? null : await kafkaLacks();
if (lacking !== null) {
  console.error(lacking);
  process.exit(2);
}
const tallies = [await staticChecks()];
if (!statically) tallies.push(await tests());
const whole = sum(tallies);
console.log(closingLine(whole));
process.exitCode = whole.failed === 0 ? 0 : 1;

async function staticChecks(): Promise<Tally> {
  const results = await runChecks(CHECKS, Math.min(availableParallelism(), 4), ({ name, passed, seconds, output }) => {
    console.log(`${passed ? "ok    " : "FAILED"} ${name} (${seconds.toFixed(1)} s)`);
    if (!passed) console.log(output.trimEnd().replaceAll(/^/gm, "       "));
  });
  const passed = results.filter((result) => result.passed).length;
  return { passed, failed: results.length - passed, skipped: 0 };
}

async function tests(): Promise<Tally> {
  const folder = mkdtempSync(join(tmpdir(), "tidemark-test-"));
  const file = join(folder, "report.json");
  try {
    const exitCode = await vitest(["run", "--reporter=default", "--reporter=json", `--outputFile.json=${file}`]);
    return tallyOf(reportIn(file), exitCode);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** @returns the exit code; 1 where vitest could not be started or was killed */
function vitest(args: readonly string[]): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn("vitest", args, {
      stdio: ["ignore", "inherit", "inherit"],
      env: {
        ...process.env,
        // Level does its work on this pool: partitions + 4, set before node starts.
        UV_THREADPOOL_SIZE: "16",
        // Programs that tests start by the hundred: as the scripts of package.json start them.
        NODE_COMPILE_CACHE: join(import.meta.dirname, "../../node_modules/.cache/compile"),
        ...(long ? { TIDEMARK_TEST_LONG: "1" } : {}),
      },
    });
    child.on("error", (error) => {
      console.log(`vitest could not be started: ${error.message}`);
      resolve(1);
    });
    child.on("close", (code) => resolve(code ?? 1));
  });
}

function reportIn(file: string): TestReport | null {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as TestReport;
  } catch {
    console.log("vitest left no report");
    return null;
  }
}

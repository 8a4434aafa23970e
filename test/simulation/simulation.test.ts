import { execFile } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { PLANTED_FAULTS } from "./planted-faults.ts";

const LONG = process.env["TIDEMARK_TEST_LONG"] === "1";
const SEEDS = LONG ? 40_000 : 2_000;
const SEEDS_A_CALL = 500;
/** A fault is given this many seeds to be found in; the rarest is in about one of fifty. */
const SEEDS_PLANTED = LONG ? 1_000 : 300;
/** Once it was found in so many, no more are run. */
const FOUND_MAX = LONG ? Infinity : 3;
const CALLS_AT_ONCE = Math.max(1, availableParallelism());
const TIMEOUT_MS = LONG ? 3_600_000 : 240_000;

interface Outcome {
  readonly seeds: number;
  readonly failed: number;
  readonly failures: readonly { readonly seed: number; readonly message: string }[];
  readonly crashes: number;
  readonly zombies: number;
  readonly powerLosses: number;
  readonly recoveries: number;
  readonly storeFailures: number;
  readonly switches: number;
}

test(
  `every invariant holds in ${SEEDS} seeds of crashes, zombies, power losses, lost replies, full disks and model switches`,
  { timeout: TIMEOUT_MS },
  async () => {
    const calls = Array.from({ length: SEEDS / SEEDS_A_CALL }, (_, index) => [
      "--from",
      String(index * SEEDS_A_CALL),
      "--seeds",
      String(SEEDS_A_CALL),
    ]);
    const outcomes = await inParallel(calls);
    expect(outcomes.flatMap((outcome) => outcome.failures)).toEqual([]);
    const sum = (
      name: "seeds" | "crashes" | "zombies" | "powerLosses" | "recoveries" | "storeFailures" | "switches",
    ): number => outcomes.reduce((total, outcome) => total + outcome[name], 0);
    expect(sum("seeds")).toBe(SEEDS);
    // A run in which nothing went wrong shows nothing.
    for (const name of ["crashes", "zombies", "powerLosses", "recoveries", "storeFailures", "switches"] as const) {
      expect(sum(name)).toBeGreaterThan(SEEDS / 10);
    }
  },
);

test("each fault planted in the runtime is found", { timeout: TIMEOUT_MS }, async () => {
  const outcomes = await inParallel(
    PLANTED_FAULTS.map(({ name }) => [
      "--plant",
      name,
      "--seeds",
      String(SEEDS_PLANTED),
      "--failures-max",
      String(FOUND_MAX),
    ]),
  );
  const found = PLANTED_FAULTS.map(({ name }, index) => ({
    name,
    found: outcomes[index]?.failed ?? 0,
    of: outcomes[index]?.seeds ?? 0,
  }));
  process.stdout.write(
    found.map((fault) => `  ${fault.name}: found in ${fault.found} of ${fault.of} seeds\n`).join(""),
  );
  expect(found.filter((fault) => fault.found === 0)).toEqual([]);
  expect(found.length).toBeGreaterThanOrEqual(10);
});

async function inParallel(calls: readonly (readonly string[])[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const waiting = [...calls.entries()];
  const worker = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [index, call] = next;
      outcomes[index] = await simulate(call);
    }
  };
  await Promise.all(Array.from({ length: CALLS_AT_ONCE }, worker));
  return outcomes;
}

const MAIN = fileURLToPath(new URL("main.ts", import.meta.url));

async function simulate(args: readonly string[]): Promise<Outcome> {
  const { stdout } = await promisify(execFile)(process.execPath, [MAIN, ...args], { maxBuffer: 1e7 });
  return JSON.parse(stdout) as Outcome;
}

import * as streams from "@tidemark/streams";
import { parseArgs } from "node:util";
import { plant, PLANTED_FAULTS, type PlantedFault } from "./planted-faults.ts";
import { type RunOptions, type RunReport, runSeed } from "./run.ts";

/**
 * Runs seeds of the simulation and prints one JSON line: `node test/simulation/main.ts --from 0 --seeds 500`.
 * `--failures-max N` ends with the seed in which the Nth fails. `--plant NAME` runs them with a fault planted (`--plant list` lists them); `--verbose` prints each failure.
 */
const { values } = parseArgs({
  options: {
    from: { type: "string", default: "0" },
    seeds: { type: "string", default: "500" },
    "failures-max": { type: "string", default: "Infinity" },
    plant: { type: "string" },
    verbose: { type: "boolean", default: false },
  },
});

if (values.plant === "list") {
  process.stdout.write(PLANTED_FAULTS.map((fault) => `${fault.name}\n`).join(""));
} else {
  const options = values.plant === undefined ? { runtime: streams } : await plant(faultNamed(values.plant));
  process.stdout.write(`${JSON.stringify(await runSeeds(Number(values.from), Number(values.seeds), options))}\n`);
}

/** Failed seeds with what did not hold, and what the runs went through. */
async function runSeeds(from: number, seeds: number, options: RunOptions): Promise<object> {
  const failures: { readonly seed: number; readonly message: string }[] = [];
  const sum: { -readonly [Name in keyof RunReport]: number } = {
    steps: 0,
    crashes: 0,
    powerLosses: 0,
    zombies: 0,
    recoveries: 0,
    storeFailures: 0,
    turns: 0,
    switches: 0,
  };
  const failuresMax = Number(values["failures-max"]);
  let run = 0;
  for (let seed = from; seed < from + seeds && failures.length < failuresMax; seed++) {
    run++;
    try {
      const report = await runSeed(seed, options);
      for (const name of Object.keys(sum) as (keyof RunReport)[]) sum[name] += report[name];
    } catch (error) {
      const message =
        error instanceof Error
          ? values.verbose
            ? (error.stack ?? error.message)
            : firstLine(error.message)
          : "not an error";
      if (values.verbose) process.stderr.write(`seed ${seed}: ${message}\n`);
      failures.push({ seed, message });
    }
  }
  return { from, seeds: run, failed: failures.length, failures: failures.slice(0, 5), ...sum };
}

function faultNamed(name: string): PlantedFault {
  const fault = PLANTED_FAULTS.find((one) => one.name === name);
  if (fault === undefined) throw new Error(`there is no planted fault of that name; see --plant list`);
  return fault;
}

function firstLine(text: string): string {
  return text.split("\n")[0] ?? "";
}

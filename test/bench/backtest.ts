import { join } from "node:path";
import type { Benchmark, BenchmarkContext } from "./benchmark.ts";
import { runJob } from "./child.ts";
import { SIMULATED_CALIBRATION, type SimulatedFileInput } from "./simulated-file.ts";
import { tidemark } from "./tidemark-command.ts";

export const backtest: Benchmark = {
  name: "backtest",
  summary: "a file of purchases through the command line: a model chosen, fitted and judged",
  async run(context) {
    const { backtestCustomers, backtestAlikeCustomers } = context.sizes;
    const chosen = await backtestFile({ customers: backtestCustomers, spend: "own" }, "auto", context);
    const alike = await backtestFile({ customers: backtestAlikeCustomers, spend: "alike" }, "mbg", context);
    return {
      figures: [
        { name: `--model auto, ${chosen.of}`, value: chosen.seconds, unit: "s", target: { atMost: 60 } },
        { name: `--model mbg, ${alike.of} who spend alike`, value: alike.seconds, unit: "s" },
      ],
      tables: [],
    };
  },
};

async function backtestFile(
  input: Omit<SimulatedFileInput, "file">,
  model: string,
  context: BenchmarkContext,
): Promise<{ readonly of: string; readonly seconds: number }> {
  const file = join(await context.directory(), "purchases.csv");
  context.step(`writing the purchases of ${input.customers} customers`);
  const { rows } = await runJob("simulated-file", { ...input, file }, context);
  context.step(`backtest --model ${model}`);
  const words = ["backtest", file, "--calibrate-until", SIMULATED_CALIBRATION, "--horizon-days", "365"];
  const startedAt = performance.now();
  const { customers } = await tidemark<{ readonly customers: number }>([...words, "--model", model], context);
  const seconds = (performance.now() - startedAt) / 1_000;
  if (customers !== input.customers) throw new Error(`${customers} of ${input.customers} customers were found`);
  return { of: `${rows} rows of ${customers} customers`, seconds };
}

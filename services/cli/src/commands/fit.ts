import type { Command } from "commander";
import type { FitOptions } from "../backtest/run-fit.ts";
import type { CommandContext } from "../command-context.ts";
import { consoleOf } from "../console.ts";
import { exitCodes } from "../failure.ts";
import { addSettingOptions, settingFlags } from "../setting-options.ts";
import { parseSettings } from "../settings.ts";
import { day, wholeNumber } from "./options.ts";
import { addPurchaseFileOptions, oneOf } from "./purchase-file-options.ts";

/** `fit FILE`: a model's parameters by maximum likelihood from a file of purchases. */
export function addFitCommand(program: Command, context: CommandContext, end: (exitCode: number) => void): void {
  const command = program
    .command("fit")
    .description("Fits a model to a file's purchases: its parameters, and how sure they are.");
  addPurchaseFileOptions(command)
    .option("--calibrate-until <DATE>", "last day that the model sees (the file's last)", day)
    .option(
      "--model <NAME>",
      "bg, mbg, pareto, cnbdk, or sbg for contracts",
      oneOf(["bg", "mbg", "pareto", "cnbdk", "sbg"]),
      "mbg",
    )
    .option(
      "--period-days <DAYS>",
      "sbg: days of a contract's period (the median time between purchases)",
      wholeNumber(1, 3650),
    )
    .option("--json", "print the result as JSON")
    .addHelpText("after", helpText);
  addSettingOptions(command, ["TIDEMARK_CURRENCY", "TIDEMARK_TIME_ZONE"]);
  command.action(async (path: string, options: FitOptions & { readonly json?: boolean }) => {
    const settings = parseSettings(context.environment, settingFlags(command.opts()));
    // Loaded when needed, so that --help and a slip of the fingers are answered at once.
    const [{ fitSummary, runFit }, { fitReport }] = await Promise.all([
      import("../backtest/run-fit.ts"),
      import("../backtest/fit-report.ts"),
    ]);
    const fitted = await runFit(path, options, settings, context);
    const console = consoleOf(context);
    if (options.json === true) console.json(fitSummary(fitted));
    else console.line(fitReport(fitted));
    if (fitted.file.rejected > 0) end(exitCodes.rowsRejected);
  });
}

const helpText = `
Each row is one purchase: customer, time, amount, read as import reads it. A customer's purchases of one day count as one.

Models:
  bg, mbg, pareto   BG/NBD, MBG/NBD, Pareto/NBD: customers without a contract, who buy at random until they leave
  cnbdk             MBG/CNBD-k: those who buy regularly; k is found
  sbg               shifted beta-geometric: customers who pay every period, until they do not

Example, with the published data of docs/backtesting.md:
  tidemark fit cdnow.csv --calibrate-until 1997-09-30 --model pareto`;

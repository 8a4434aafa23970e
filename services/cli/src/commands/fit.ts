import type { Command } from "commander";
import type { FitOptions } from "../backtest/run-fit.ts";
import type { CommandContext } from "../command-context.ts";
import { consoleOf } from "../console.ts";
import { exitCodes } from "../failure.ts";
import { addSettingOptions, settingFlags } from "../setting-options.ts";
import { parseSettings } from "@tidemark/installation";
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
    .option("--out <DIR>", "where to draw the pictures (FILE-fit in this directory)")
    .option("--json", "print the result as JSON; pictures are then drawn only with --out")
    .addHelpText("after", helpText);
  addSettingOptions(command, ["TIDEMARK_CURRENCY", "TIDEMARK_TIME_ZONE"]);
  command.action(async (path: string, options: FitOptions & { readonly out?: string; readonly json?: boolean }) => {
    const settings = parseSettings(context.environment, settingFlags(command.opts()));
    // Loaded when needed, so that --help and a slip of the fingers are answered at once.
    const [{ fitSummary, runFit }, { fitReport }, { fitPictures }, { folderFor, writeInto }] = await Promise.all([
      import("../backtest/run-fit.ts"),
      import("../backtest/fit-report.ts"),
      import("../backtest/fit-pictures.ts"),
      import("../backtest/pictures.ts"),
    ]);
    const fitted = await runFit(path, options, settings, context);
    const console = consoleOf(context);
    const folder = options.out ?? folderFor(fitted.file.name, "fit");
    if (options.out !== undefined || options.json !== true) await writeInto(folder, fitPictures(fitted));
    if (options.json === true) {
      console.json(fitSummary(fitted));
    } else {
      console.line(fitReport(fitted));
      console.line(`\ntracking.svg and frequency.svg are in ${folder}`);
    }
    if (fitted.file.rejected > 0) end(exitCodes.rowsRejected);
  });
}

const helpText = `
Each row is one purchase: customer, time, amount, read as import reads it. A customer's purchases of one day count as one; a
negative amount is a refund. No column of amounts, but quantity and price: add one of their product first.

Models:
  bg, mbg, pareto   BG/NBD, MBG/NBD, Pareto/NBD: customers without a contract, who buy at random until they leave
  cnbdk             MBG/CNBD-k: those who buy regularly; k is found
  sbg               shifted beta-geometric: customers who pay every period, until they do not

A standard error that is missing (null in JSON) is one that the data do not know; a note says so.

Examples, the first with the published data of docs/backtesting.md:
  tidemark fit cdnow.csv --calibrate-until 1997-09-30 --model pareto
  tidemark fit retail.csv --time-format "M/d/yyyy H:mm" --amount-column LineTotal
  tidemark fit payments.csv --model sbg --period-days 30`;

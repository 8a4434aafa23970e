import type { Command } from "commander";
import type { AlertBacktestOptions } from "../backtest/run-alert-backtest.ts";
import type { BacktestOptions } from "../backtest/run-backtest.ts";
import type { CommandContext } from "../command-context.ts";
import { consoleOf } from "../console.ts";
import { exitCodes } from "../failure.ts";
import { addSettingOptions, settingFlags } from "../setting-options.ts";
import { parseSettings } from "@tidemark/installation";
import { bands, day, wholeNumber } from "./options.ts";
import { addPurchaseFileOptions, oneOf } from "./purchase-file-options.ts";

/** `backtest FILE`: a model fitted to a file's past, held against what came after. */
export function addBacktestCommand(program: Command, context: CommandContext, end: (exitCode: number) => void): void {
  const command = program
    .command("backtest")
    .description("Fits a model to a file's purchases up to a day, and holds its forecasts against the days after.");
  addPurchaseFileOptions(command)
    .requiredOption("--calibrate-until <DATE>", "last day that the model sees", day)
    .option(
      "--horizon-days <DAYS>",
      "days after it that are forecast (all that the file has, up to 365; with --alerts 90 after each week)",
      wholeNumber(1, 36_500),
    )
    .option(
      "--model <NAME>",
      "bg, mbg, pareto, cnbdk, or auto: the best on a part of the past",
      oneOf(["bg", "mbg", "pareto", "cnbdk", "auto"]),
      "auto",
    )
    .option("--out <DIR>", "where to write the report and its pictures (FILE-backtest in this directory)")
    .option("--alerts", "hold the churn alerts of the weeks after it against who then stays silent, instead")
    .option("--bands <CHURN,…>", "with --alerts: the probabilities that alerts are sent at", bands, [0.5, 0.7, 0.8])
    .option("--json", "print the result as JSON; report and pictures are then written only with --out")
    .addHelpText("after", helpText);
  addSettingOptions(command, ["TIDEMARK_CURRENCY", "TIDEMARK_TIME_ZONE"]);
  command.action(async (path: string, options: BacktestOptions & AlertBacktestOptions & OutputOptions) => {
    const settings = parseSettings(context.environment, settingFlags(command.opts()));
    if (options.alerts === true) {
      const { backtestAlerts } = await import("../backtest/backtest-alerts.ts");
      const { rejected } = await backtestAlerts(path, options, settings, context);
      if (rejected > 0) end(exitCodes.rowsRejected);
      return;
    }
    // Loaded when needed, so that --help and a slip of the fingers are answered at once.
    const [
      { backtestSummary, runBacktest },
      { choiceLines },
      { backtestReport },
      { backtestPictures },
      { folderFor, writeInto },
    ] = await Promise.all([
      import("../backtest/run-backtest.ts"),
      import("../backtest/choose-model.ts"),
      import("../backtest/backtest-report.ts"),
      import("../backtest/backtest-pictures.ts"),
      import("../backtest/pictures.ts"),
    ]);
    const backtest = await runBacktest(path, options, settings, context);
    const console = consoleOf(context);
    const report = backtestReport(backtest);
    const folder = options.out ?? folderFor(backtest.file.name, "backtest");
    const isWritten = options.out !== undefined || options.json !== true;
    if (isWritten) await writeInto(folder, { "report.txt": report, ...backtestPictures(backtest) });
    if (options.json === true) {
      for (const line of backtest.choice === null ? [] : choiceLines(backtest.choice)) console.note(line);
      for (const { message } of backtest.warnings) console.note(message);
      console.json(backtestSummary(backtest));
    } else {
      console.line(report);
      console.line(`\nThis report, calibration.svg and lift.svg are in ${folder}`);
    }
    if (backtest.file.rejected > 0) end(exitCodes.rowsRejected);
  });
}

interface OutputOptions {
  readonly alerts?: boolean;
  readonly out?: string;
  readonly json?: boolean;
}

const helpText = `
Each row is one purchase: customer, time, amount, read as import reads it. A customer's purchases of one day count as one; a
negative amount is a refund. No column of amounts, but quantity and price: add one of their product first.

The model sees what lies up to and including --calibrate-until, nothing else. Then it says of each customer how likely he is to
buy nothing in the days after, and how often he will buy; the report says how well that was, beside the baseline of looking
at who bought last.

auto fits each model to the past without its end, and takes the one that was best there: the days after are not looked at.
A figure that is missing (null in JSON) is one that the data do not know; a note says so.

--alerts asks whether a churn alert is worth acting on. Each week after the calibration the purchases are scored as the pipeline
scores them, and who rose through a band of churn is alerted. The report says how many that are, how often they then bought nothing
for --horizon-days (90), and how often those did who were below the band. An odds ratio of 1 says that the alerts tell nothing.

Examples, the first with the published data of docs/backtesting.md:
  tidemark backtest cdnow.csv --calibrate-until 1997-09-30 --horizon-days 273 --currency USD
  tidemark backtest retail.csv --time-format "M/d/yyyy H:mm" --amount-column LineTotal --calibrate-until 2011-08-31
  tidemark backtest cdnow.csv --calibrate-until 1997-09-30 --alerts --currency USD`;

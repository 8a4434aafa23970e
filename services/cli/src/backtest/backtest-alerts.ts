import type { Settings } from "@tidemark/installation";
import type { CommandContext } from "../command-context.ts";
import { consoleOf } from "../console.ts";
import { alertPictures } from "./alert-picture.ts";
import { alertReport } from "./alert-report.ts";
import { alertSummary } from "./alert-summary.ts";
import { folderFor, writeInto } from "./pictures.ts";
import { type AlertBacktestOptions, runAlertBacktest } from "./run-alert-backtest.ts";

/** `backtest --alerts`: runs it, writes report and picture, prints. @returns rows of the file that were rejected */
export async function backtestAlerts(
  path: string,
  options: AlertBacktestOptions & { readonly out?: string; readonly json?: boolean },
  settings: Settings,
  context: CommandContext,
): Promise<{ readonly rejected: number }> {
  const backtest = await runAlertBacktest(path, options, settings, context);
  const console = consoleOf(context);
  const report = alertReport(backtest);
  const folder = options.out ?? folderFor(backtest.file.name, "alerts");
  const isWritten = options.out !== undefined || options.json !== true;
  if (isWritten) await writeInto(folder, { "report.txt": report, ...alertPictures(backtest) });
  if (options.json === true) {
    for (const { message } of backtest.warnings) console.note(message);
    console.json(alertSummary(backtest));
  } else {
    console.line(report);
    console.line(`\nThis report and alerts.svg are in ${folder}`);
  }
  return { rejected: backtest.file.rejected };
}

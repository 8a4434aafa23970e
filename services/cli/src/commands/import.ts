import { type Command, InvalidArgumentError } from "commander";
import type { CommandContext } from "../command-context.ts";
import { type Console, consoleOf } from "../console.ts";
import { exitCodes } from "../failure.ts";
import type { ImportSummary } from "../import/import-file.ts";
import type { ImportCommandOptions } from "../import/run-import.ts";
import { addSettingOptions, settingFlags } from "../setting-options.ts";
import { parseSettings } from "@tidemark/installation";
import { day } from "./options.ts";

/** `import FILE|-`: purchases of a file into the log, and scored. */
export function addImportCommand(program: Command, context: CommandContext, end: (exitCode: number) => void): void {
  const command = program
    .command("import")
    .description("Imports purchases from a file and scores the customers. The same file twice changes nothing.")
    .argument("<FILE>", "CSV with a header line or NDJSON, gzip of either; - for standard input")
    .option("--customer-column <NAME>", "column of the customer's id (found by its usual names)")
    .option("--time-column <NAME>", "column of the time of purchase (found likewise)")
    .option("--amount-column <NAME>", "column of the amount; a negative one is a refund (found likewise)")
    .option("--order-column <NAME>", "column of the order's number (found likewise, may be missing)")
    .option("--time-format <PATTERN>", "how times are written, e.g. dd.MM.yyyy HH:mm, or epoch-s, epoch-ms")
    .option("--until <DATE>", "leave out what comes after this day", day)
    .option(
      "--source <NAME>",
      "where the rows come from: the same row of the same source counts once",
      source,
      "import",
    )
    .option("--url <URL>", "import through this server, by its currency, time zone and clock")
    .option("--rejects <FILE>", "where to list rejected rows (FILE.rejects.csv in this directory)")
    .option("--json", "print the result as JSON")
    .addHelpText("after", helpText);
  addSettingOptions(command, ["TIDEMARK_DATA_DIR", "TIDEMARK_CURRENCY", "TIDEMARK_TIME_ZONE", "TIDEMARK_CLOCK"]);
  command.action(async (path: string, options: ImportCommandOptions & { readonly json?: boolean }) => {
    const settings = parseSettings(context.environment, settingFlags(command.opts()));
    // Loaded when needed, so that --help and a slip of the fingers are answered at once.
    const { runImport } = await import("../import/run-import.ts");
    const { summary, rejectsPath } = await runImport(path, options, settings, context);
    const console = consoleOf(context);
    if (options.json === true) console.json(summary);
    else printSummary(console, summary);
    if (summary.rejected === 0) return;
    console.note(`${rejectsPath} says which rows were rejected, and why`);
    end(exitCodes.rowsRejected);
  });
}

const helpText = `
Each row is one purchase: customer, time, amount. Times are ISO 8601, yyyymmdd, epoch seconds or milliseconds; without
an offset they are local to the time zone, and a date alone is enough. Amounts are plain decimals, 1234.50.

The first import into a data directory fits the models to its purchases, if 500 customers bought on a second day, before
anything is scored; later imports, and those through a server, use the model that is there. It is said which.

Through a server the rows are read by the server's currency, time zone and clock; an option that says otherwise is refused.

In clock mode event (--clock event, fixed when the data directory is created) time is that of the rows: they are put in
order, and the last day ends with the last row's, or with --until.

Examples:
  tidemark import purchases.csv.gz
  tidemark import sales.csv --customer-column Kunde --time-column Datum --amount-column Summe --time-format dd.MM.yyyy
  tidemark import history.csv --clock event --until 2024-12-31 --data-dir .tidemark/replay`;

const SOURCE_LENGTH_MAX = 128;

function source(text: string): string {
  // eslint-disable-next-line no-control-regex
  if (text !== "" && text.length <= SOURCE_LENGTH_MAX && !/[\u0000-\u001f\u007f]/u.test(text)) return text;
  throw new InvalidArgumentError(`It must be 1 to ${SOURCE_LENGTH_MAX} characters.`);
}

function printSummary(console: Console, summary: ImportSummary): void {
  const { rows, accepted, duplicate, afterUntil, rejected, customers, firstAt, lastAt, seconds } = summary;
  const parts = [
    `${accepted} imported`,
    ...(duplicate > 0 ? [`${duplicate} had been imported before`] : []),
    ...(afterUntil > 0 ? [`${afterUntil} after --until`] : []),
    ...(rejected > 0 ? [`${rejected} rejected`] : []),
  ];
  console.line(`rows ${rows}: ${parts.join(", ")}; customers ${customers}; ${seconds.toFixed(1)} s`);
  if (firstAt !== null && lastAt !== null) console.line(`from ${firstAt} to ${lastAt}`);
}

import type { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { consoleOf } from "../console.ts";
import type { Inspection } from "../inspection.ts";
import { addSettingOptions, settingFlags } from "../setting-options.ts";
import { parseSettings } from "@tidemark/installation";

/** `inspect`: what is in a data directory, free or in use by a server of this machine. */
export function addInspectCommand(program: Command, context: CommandContext): void {
  const command = program
    .command("inspect")
    .description("What is in the data directory: topics and offsets, the store, the clock, the model.")
    .option("--profiles", "each customer instead: repeat purchase days, recency, age, spend")
    .option("--json", "print JSON; of the profiles a line each")
    .addHelpText(
      "after",
      `
Of the profiles, x is the number of repeat purchase days, txWeeks the time from the first to the last purchase day,
tWeeks from the first one to the day up to which time has been worked off, spendMinor purchases less refunds in minor
units (cents), repeatSpendMinor the purchases of the x repeat days alone. Customers who have not bought have nulls.

Examples:
  tidemark inspect
  tidemark inspect --profiles --json > profiles.ndjson`,
    );
  addSettingOptions(command, ["TIDEMARK_DATA_DIR"]);
  command.action(async (options: { profiles?: boolean; json?: boolean }) => {
    const settings = parseSettings(context.environment, settingFlags(command.opts()));
    const console = consoleOf(context);
    const { withDataSource } = await import("../data-source.ts");
    await withDataSource(settings, context, async (source) => {
      if (options.profiles === true) {
        if (options.json !== true) console.line("customer\tx\ttxWeeks\ttWeeks\tspendMinor\trepeatSpendMinor");
        for await (const line of source.profiles()) console.line(options.json === true ? line : tabbed(line));
        return;
      }
      const inspection = await source.inspect();
      if (options.json === true) console.json(inspection);
      else for (const line of wordsOf(inspection)) console.line(line);
    });
  });
}

function tabbed(line: string): string {
  return Object.values(JSON.parse(line) as Record<string, string | number | null>)
    .map((value) => value ?? "-")
    .join("\t");
}

function wordsOf({ topics, store, clock, model }: Inspection): string[] {
  const width = Math.max(...topics.map((topic) => topic.name.length));
  return [
    ...topics.map(({ name, partitions }) => {
      const offsets = partitions.map(({ start, end }) => (start === 0 ? String(end) : `${start}–${end}`));
      return `${name.padEnd(width)}  ${offsets.join("  ")}`;
    }),
    "",
    `customers  ${store.profiles}`,
    `store      ${(store.bytes / 1_000_000).toFixed(1)} MB`,
    `clock      ${clock.mode}, days of ${clock.timeZone}, worked off to ${clock.tick ?? "nothing yet"}`,
    `model      ${model.name} ${model.version}${model.fitted ? "" : ", not fitted to your data"}`,
  ];
}

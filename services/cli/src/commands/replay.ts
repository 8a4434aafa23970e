import { parseSettings } from "@tidemark/installation";
import { type Command, InvalidArgumentError } from "commander";
import type { CommandContext } from "../command-context.ts";
import { consoleOf } from "../console.ts";
import { addSettingOptions, settingFlags } from "../setting-options.ts";

interface ReplayCommandOptions {
  readonly code?: string;
  readonly again?: boolean;
  readonly json?: boolean;
}

/** `replay`: dead letters back into the topics they came from. */
export function addReplayCommand(program: Command, context: CommandContext): void {
  const command = program
    .command("replay")
    .description(
      "Puts dead letters back into the topics they came from, once what kept them from being applied is mended.",
    )
    .option("--code <CODE>", "only those of this code, such as WRONG_PARTITION or UNKNOWN_CURRENCY", code)
    .option("--again", "those too that were put back before")
    .option("--json", "print the result as JSON")
    .addHelpText(
      "after",
      `
What fails again becomes a dead letter again, with its reason; what was applied meanwhile is a duplicate and changes nothing.
Which letters were put back is remembered, so the command can be typed twice.

Example:
  tidemark replay --code UNKNOWN_CURRENCY`,
    );
  addSettingOptions(command, ["TIDEMARK_DATA_DIR", "KAFKA_BROKERS"]);
  command.action(async (options: ReplayCommandOptions) => {
    const settings = parseSettings(context.environment, settingFlags(command.opts()));
    const { withDataSource } = await import("../data-source.ts");
    await withDataSource(settings, context, async (source) => {
      const filter = { code: options.code ?? null, again: options.again === true };
      const summary = await source.replay(filter);
      const console = consoleOf(context);
      if (options.json === true) return console.json(summary);
      const { letters, replayed, others, lost } = summary;
      const parts = [
        `${replayed} put back`,
        ...(others > 0 ? [`${others} of other codes`] : []),
        ...(lost > 0 ? [`${lost} whose record is gone or has no key`] : []),
      ];
      console.line(
        letters === 0 ? "there are no dead letters to put back" : `dead letters ${letters}: ${parts.join(", ")}`,
      );
    });
  });
}

function code(text: string): string {
  if (/^[A-Z][A-Z0-9_]{0,63}$/u.test(text)) return text;
  throw new InvalidArgumentError("It must be a code as dead letters have it, such as WRONG_PARTITION.");
}

import { parseSettings } from "@tidemark/installation";
import type { Command } from "commander";
import { z } from "zod";
import type { CommandContext } from "../command-context.ts";
import { consoleOf } from "../console.ts";
import { CommandFailed, exitCodes } from "../failure.ts";
import { addSettingOptions, settingFlags } from "../setting-options.ts";

/** `export ID`: all that is stored about a customer. */
export function addExportCommand(program: Command, context: CommandContext): void {
  const command = program
    .command("export")
    .description("Everything that is stored about a customer, a line of JSON each: for who asks what is known of them.")
    .argument("<ID>", "the customer's id")
    .addHelpText(
      "after",
      `
Each line has the topic, where in it and since when it is stored, and the record: what the customer was told to be, events, the profile,
scores, tier changes, alerts, and records that could not be used. Bytes are hexadecimal. Of a customer who was erased it is
what the log has not let go of yet, with the marker of the erasure, and the exit code is 1.

Example:
  tidemark export 00004 > customer-00004.ndjson`,
    );
  addSettingOptions(command, ["TIDEMARK_DATA_DIR", "KAFKA_BROKERS"]);
  command.action(async (id: string) => {
    const settings = parseSettings(context.environment, settingFlags(command.opts()));
    const { withDataSource } = await import("../data-source.ts");
    await withDataSource(settings, context, async (source) => {
      let lines = 0;
      let erasedAt: number | null = null;
      for await (const line of source.customer(id)) {
        consoleOf(context).line(line);
        lines += 1;
        const { topic, record } = lineSchema.parse(JSON.parse(line));
        // The newest of the two says which it is: a marker that a profile follows is of one who has come back.
        if (topic === "processor-state" && record !== null) {
          erasedAt = record.customerId === undefined ? (record.erasedAt ?? null) : null;
        }
      }
      if (erasedAt !== null) {
        throw new CommandFailed(
          exitCodes.rowsRejected,
          `this customer was erased: of what happened up to ${new Date(erasedAt).toISOString()} only what is told here is left, until the log lets go of it`,
        );
      }
      if (lines === 0) {
        throw new CommandFailed(exitCodes.rowsRejected, "no such customer: nothing is stored under this id");
      }
    });
  });
}

/** What of a line tells whether the customer is erased: a profile has an id, the marker of an erasure has none. */
const lineSchema = z.looseObject({
  topic: z.string(),
  record: z.looseObject({ customerId: z.string().optional(), erasedAt: z.number().optional() }).nullable(),
});

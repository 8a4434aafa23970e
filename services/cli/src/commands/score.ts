import type { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { consoleOf } from "../console.ts";
import { askCustomer } from "../customer-query.ts";
import { addSettingOptions, settingFlags } from "../setting-options.ts";
import { parseSettings } from "@tidemark/installation";

/** `score ID`: what `GET /v1/customers/{id}` answers. */
export function addScoreCommand(program: Command, context: CommandContext): void {
  const command = program
    .command("score")
    .description("A customer's score, as GET /v1/customers/{id} gives it.")
    .argument("<ID>", "the customer's id")
    .option("--at <TIME>", "as of this instant, such as 1997-12-31T00:00:00Z, or epoch milliseconds (now)")
    .option("--url <URL>", "ask this server")
    .option("--json", "on one line")
    .addHelpText("after", "\nExample:\n  tidemark score 00004 --at 1997-12-31T00:00:00Z --data-dir .tidemark/cdnow");
  addSettingOptions(command, ["TIDEMARK_DATA_DIR"]);
  command.action(async (id: string, { at, url, json }: { at?: string; url?: string; json?: boolean }) => {
    const settings = parseSettings(context.environment, settingFlags(command.opts()));
    const { withServer } = await import("../running-server.ts");
    const text = await withServer({ url, settings, context }, async (client) =>
      askCustomer(client, id, at === undefined ? {} : { at }),
    );
    const body: unknown = JSON.parse(text);
    if (json === true) consoleOf(context).json(body);
    else consoleOf(context).line(JSON.stringify(body, null, 2));
  });
}

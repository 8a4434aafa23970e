import type { Command } from "commander";
import type { CommandContext } from "../command-context.ts";
import { addSettingOptions, settingFlags } from "../setting-options.ts";
import { parseSettings } from "@tidemark/installation";

/** `start`: everything in one process. */
export function addStartCommand(program: Command, context: CommandContext): void {
  const command = program
    .command("start")
    .description("Everything in one process: the log, the scoring, the HTTP interface and the page.")
    .option("--demo", "with a simulated shop whose time runs fast; its data are kept apart")
    .addHelpText("after", helpText);
  addSettingOptions(command, "all");
  command.action(async (options: { demo?: boolean }) => {
    const settings = parseSettings(context.environment, settingFlags(command.opts()));
    // `npm start` is what a person types first: it shows something. On a cluster nobody wants simulated customers unasked.
    const { npm_lifecycle_event: script, npm_package_name: project } = context.environment;
    const isNpmStart = script === "start" && project === "tidemark";
    const onKafka = settings.KAFKA_BROKERS !== undefined;
    // Loaded when needed, so that --help and a slip of the fingers are answered at once; the thread's code beside this one's.
    const { startLogThread } = await import("../log-thread/log-thread.ts");
    await using logThread = onKafka ? null : startLogThread();
    const { serve } = await import("../serve.ts");
    await serve(settings, context, { isDemo: options.demo === true || (isNpmStart && !onKafka), logThread });
  });
}

const helpText = `
Every setting is a flag here and an environment variable, named in brackets; the flag wins. Those marked as fixed belong
to the data directory: they are chosen when it is created, and another choice is refused once something is stored in it.

Stop it with Ctrl-C: it finishes what it is doing, and goes on from there the next time.`;

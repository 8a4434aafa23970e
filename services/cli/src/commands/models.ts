import { readFile, writeFile } from "node:fs/promises";
import { type Command, Option } from "commander";
import { parseSettings } from "@tidemark/installation";
import type { CommandContext } from "../command-context.ts";
import { consoleOf } from "../console.ts";
import { CommandFailed, exitCodes } from "../failure.ts";
import type { ModelRole, PublishedModel } from "../model/published-models.ts";
import { addSettingOptions, settingFlags } from "../setting-options.ts";

/** `models publish`, `list` and `base`: what customers are scored with, and what comes into force. */
export function addModelsCommand(program: Command, context: CommandContext): void {
  const models = program
    .command("models")
    .description("The models of an installation: publishes one, or lists them with what was refused.");
  addPublishCommand(models, context);
  addListCommand(models, context);
  addBaseCommand(models, context);
}

const SHOWN = ["TIDEMARK_DATA_DIR", "KAFKA_BROKERS"] as const;

function addPublishCommand(models: Command, context: CommandContext): void {
  const command = models
    .command("publish")
    .description(
      "Publishes an artefact: as the champion it is in force within a second, and all customers are scored again with it.",
    )
    .argument("<FILE>", "the artefact, JSON")
    .addOption(
      new Option("--role <ROLE>", "champion: makes the scores; challenger: is kept beside it")
        .choices(["champion", "challenger"])
        .default("champion"),
    )
    .option("--json", "print what was published as JSON")
    .addHelpText(
      "after",
      `
The artefact is looked at as a whole before: its form, its numbers, its currency and time zone, and that its name and version
do not stand for another content already. What is refused changes nothing. Without a version it is given the beginning of its
hash. Processors that run take it up between two turns and score their customers again, a few in each turn, in the order of
their ids; those that do not run do it when they start. To go back, publish the earlier file again.

Example:
  tidemark models publish artefact.json`,
    );
  addSettingOptions(command, SHOWN);
  command.action(async (path: string, { role, json }: { readonly role: ModelRole; readonly json?: boolean }) => {
    const settings = parseSettings(context.environment, settingFlags(command.opts()));
    const text = await readFile(path, "utf8").catch((cause: unknown) => {
      throw new CommandFailed(exitCodes.usage, `${path} cannot be read`, { cause });
    });
    const { withDataSource } = await import("../data-source.ts");
    await withDataSource(settings, context, async (source) => {
      const published = await source.publish(text, role);
      if (!published.ok) {
        const { code, reason } = published.refusal;
        throw new CommandFailed(exitCodes.configuration, `${path} is refused (${code}): ${reason}`);
      }
      const { ok: _, ...what } = published;
      const console = consoleOf(context);
      const came = what.already ? "is in force already" : `is published as ${role}`;
      if (json === true) console.json(what);
      else console.line(`${what.name} ${what.version} ${came}`);
    });
  });
}

function addListCommand(models: Command, context: CommandContext): void {
  const command = models
    .command("list")
    .description("Every version that was published, which one is in force, and what was refused and why.")
    .option("--json", "print them as JSON");
  addSettingOptions(command, SHOWN);
  command.action(async ({ json }: { readonly json?: boolean }) => {
    const settings = parseSettings(context.environment, settingFlags(command.opts()));
    const { withDataSource } = await import("../data-source.ts");
    await withDataSource(settings, context, async (source) => {
      const list = await source.models();
      const console = consoleOf(context);
      if (json === true) console.json(list);
      else if (list.length === 0) console.line("none is published yet: the first start publishes what it scores with");
      else for (const model of list) console.line(lineOf(model));
    });
  });
}

function addBaseCommand(models: Command, context: CommandContext): void {
  const command = models
    .command("base")
    .description(
      "Writes the artefact in force with figures of the whole base as it is now: what rfm, abc and crvp judge by.",
    )
    .requiredOption("--out <FILE>", "where to write it")
    .option(
      "--tiers-by <SCORECARD>",
      "a preset, or a scorecard of the artefact, that is to give tiers instead of the value",
    )
    .option("--json", "print what was written as JSON")
    .addHelpText(
      "after",
      `
Figures of the base are its revenue of the trailing year, the revenue from which a customer is in class A or B (the first 80 and
95 % of it), quintiles of every indicator, and the number of categories. They stay as they are until you make them anew.
By a scorecard whose grades are named as the tiers are, tiers go by grade, else by points: 20, 40, 60 and 80 of 100. Both can be
changed in the file. Nothing is in force before it is published.

Example:
  tidemark models base --tiers-by crvp --out artefact.json
  tidemark models publish artefact.json`,
    );
  addSettingOptions(command, SHOWN);
  command.action(async (options: BaseOptions) => {
    const settings = parseSettings(context.environment, settingFlags(command.opts()));
    const { withDataSource } = await import("../data-source.ts");
    await withDataSource(settings, context, async (source) => {
      const draft = await source.draft(options.tiersBy ?? null);
      if (!draft.ok) throw new CommandFailed(exitCodes.rowsRejected, draft.reason);
      const { name, version } = draft.artefact;
      await writeFile(options.out, `${JSON.stringify(draft.artefact, null, 2)}\n`);
      const console = consoleOf(context);
      const { out: file } = options;
      if (options.json === true) console.json({ name, version, file });
      else console.line(`${name} ${version} is in ${file}; to put it in force: tidemark models publish ${file}`);
    });
  });
}

interface BaseOptions {
  readonly out: string;
  readonly tiersBy?: string;
  readonly json?: boolean;
}

function lineOf({ name, version, role, fitted, createdAt, inForce, refusal }: PublishedModel): string {
  const state =
    refusal === null ? (inForce ? "in force" : role.toLowerCase()) : `refused (${refusal.code}): ${refusal.reason}`;
  const kind = fitted ? "fitted" : "default parameters";
  const published = createdAt === 0 ? "" : `, ${new Date(createdAt).toISOString()}`;
  return `${name === "" ? "(unreadable)" : `${name} ${version}`}  ${state}  (${kind}${published})`;
}

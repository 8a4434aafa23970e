import { type Command, InvalidArgumentError } from "commander";
import {
  kafkaOf,
  openLog,
  parseSettings,
  type Settings,
  topicProblemsOf,
  wordsOfProblems,
} from "@tidemark/installation";
import { TOPIC_PREFIX_DEFAULT, topicNames, topicSpecs } from "@tidemark/contracts";
import type { KafkaLog } from "@tidemark/log-kafka";
import type { CommandContext } from "../command-context.ts";
import { consoleOf } from "../console.ts";
import { CommandFailed, exitCodes } from "../failure.ts";
import { addSettingOptions, settingFlags } from "../setting-options.ts";

/** `topics create` and `topics check`: the topics of an installation on Kafka. */
export function addTopicsCommand(program: Command, context: CommandContext, end: (exitCode: number) => void): void {
  const topics = program
    .command("topics")
    .description("The topics on Kafka: creates them, or checks that they are as they must be.");
  addCreateCommand(topics, context);
  addCheckCommand(topics, context, end);
}

/** Enough for a million customers, and for as many processors as a growing installation will want. */
const PARTITIONS_DEFAULT = 12;
const PARTITIONS_MAX = 1_000;

function addCreateCommand(topics: Command, context: CommandContext): void {
  const command = topics
    .command("create")
    .description("Creates the topics that are missing, with the settings they need. Those that exist stay as they are.")
    .option(
      "--partitions <COUNT>",
      `of the topics keyed by customer, for good: 12 up to a million customers, 48 up to twenty (${PARTITIONS_DEFAULT})`,
      partitionCount,
    )
    .option("--json", "print the topics as JSON")
    .addHelpText(
      "after",
      `
How many partitions there are cannot be changed later: customers would move between them. It is also the most
processors that can share the work. A topic is kept on three brokers and takes records while two have it; where there is
but one broker: --replication 1.

Examples:
  tidemark topics create --kafka-brokers localhost:9092 --schema-registry-url http://localhost:8081 --replication 1
  tidemark topics create --partitions 48`,
    );
  addSettingOptions(command, SHOWN);
  command.action(async (options: { readonly partitions?: number; readonly json?: boolean }) => {
    const settings = parseSettings(context.environment, settingFlags(command.opts()));
    await withLog(settings, context, async (log, prefix) => {
      const existing = await log.topics();
      // What is there says how many there are, so that the command can be typed again without the number.
      const found = existing.find(({ name }) => name === topicNames(prefix).purchases)?.partitions;
      const partitions = options.partitions ?? found ?? PARTITIONS_DEFAULT;
      const specs = topicSpecs(prefix, partitions);
      await log.createTopics(specs);
      const before = new Set(existing.map(({ name }) => name));
      const created = specs.filter(({ name }) => !before.has(name));
      const console = consoleOf(context);
      if (options.json === true) {
        console.json({ partitions, created: created.map(({ name }) => name) });
        return;
      }
      for (const { name, partitions: count } of created) {
        console.line(`created ${name}, ${count} ${count === 1 ? "partition" : "partitions"}`);
      }
      if (created.length === 0) console.line(`all ${specs.length} topics are there, of ${partitions} partitions`);
    });
  });
}

function addCheckCommand(topics: Command, context: CommandContext, end: (exitCode: number) => void): void {
  const command = topics
    .command("check")
    .description("Says in what the topics differ from what they must be, and the command that mends it.")
    .option("--json", "print the differences as JSON");
  addSettingOptions(command, SHOWN);
  command.action(async ({ json }: { readonly json?: boolean }) => {
    const settings = parseSettings(context.environment, settingFlags(command.opts()));
    await withLog(settings, context, async (log, prefix) => {
      const { partitions, problems } = await topicProblemsOf(log, prefix);
      const console = consoleOf(context);
      if (json === true) console.json({ partitions, problems });
      else if (problems.length === 0) console.line(`the topics are as they must be, of ${partitions} partitions`);
      else for (const line of wordsOfProblems(problems)) console.line(line.trim());
      if (problems.length > 0) end(exitCodes.configuration);
    });
  });
}

const SHOWN = ["KAFKA_BROKERS", "SCHEMA_REGISTRY_URL", "TIDEMARK_TOPIC_PREFIX", "TIDEMARK_REPLICATION"] as const;

async function withLog(
  settings: Settings,
  { clock }: CommandContext,
  use: (log: KafkaLog, prefix: string) => Promise<void>,
): Promise<void> {
  const kafka = await kafkaOf(settings);
  if (kafka === null) {
    throw new CommandFailed(
      exitCodes.configuration,
      "topics are Kafka's: set KAFKA_BROKERS and SCHEMA_REGISTRY_URL (the embedded log makes its own)",
    );
  }
  const log = await openLog({ settings, kafka, clientId: "tidemark-topics", clock });
  try {
    await use(log, settings.TIDEMARK_TOPIC_PREFIX ?? TOPIC_PREFIX_DEFAULT);
  } finally {
    await log.close();
  }
}

function partitionCount(text: string): number {
  const count = Number(text);
  if (/^\d{1,4}$/u.test(text) && count >= 1 && count <= PARTITIONS_MAX) return count;
  throw new InvalidArgumentError(`It must be a whole number from 1 to ${PARTITIONS_MAX}.`);
}

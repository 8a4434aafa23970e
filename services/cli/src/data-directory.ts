import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type RegistryDescription, TOPIC_PREFIX_DEFAULT } from "@tidemark/contracts";
import { z } from "zod";
import { writeFileDurably } from "./durable-file.ts";
import { CommandFailed, exitCodes } from "./failure.ts";
import { systemWords } from "./system-words.ts";
import { flagOf, type SettingName, type Settings } from "@tidemark/installation";

/**
 * What is fixed when a data directory is created, since all that is stored in it depends on it; until something is, it may still
 * be changed (`changed-settings.ts`). It lies in `installation.json`, beside the log, the schemas and the stores.
 */
export type Installation = z.infer<typeof installationSchema>;

/** The simulated shop of `start --demo`, and the clock it lives by. */
export type Demo = z.infer<typeof demoSchema>;

const demoSchema = z.object({
  seed: z.int(),
  customers: z.int().min(1),
  /** When the shop opened, ms since the epoch. */
  startAt: z.int(),
  /** Where the scaled clock started, ms since the epoch. */
  clockBase: z.int(),
  /** Simulated milliseconds for each real one. */
  factor: z.number().min(1),
});

const FORMAT = 1;

const installationSchema = z.object({
  format: z.literal(FORMAT),
  clock: z.enum(["wall", "event"]),
  timeZone: z.string(),
  currency: z.string(),
  topicPrefix: z.string(),
  /** Of every topic keyed by customer. */
  partitions: z.int().min(1),
  createdAt: z.int(),
  demo: demoSchema.nullable(),
  /** Where the log is. */
  log: z
    .discriminatedUnion("kind", [
      z.object({ kind: z.literal("embedded") }),
      /** The cluster's own id. */
      z.object({ kind: z.literal("kafka"), cluster: z.string() }),
    ])
    .default({ kind: "embedded" }),
});

/** Enough for the two or four cores of one machine; more cost turns and memory and gain nothing in one process. */
const PARTITIONS = 4;

/** A directory's fixed settings; null = there is none yet. @throws CommandFailed (configuration) if it cannot be read */
export async function readInstallation(directory: string): Promise<Installation | null> {
  let text: string;
  try {
    text = await readFile(pathOf(directory), "utf8");
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && (cause.code === "ENOENT" || cause.code === "ENOTDIR")) return null;
    throw unusable(directory, "cannot be read", cause);
  }
  return parse(directory, text);
}

/** Makes the directory and fixes its settings. Only to be called by who holds its lock. */
export async function writeInstallation(directory: string, installation: Installation): Promise<void> {
  await writeFileDurably(pathOf(directory), `${JSON.stringify(installation, null, 2)}\n`);
}

export async function makeDirectory(directory: string): Promise<void> {
  try {
    // Ids and events lie in it: of those who share the machine nobody else's business.
    await mkdir(directory, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw unusable(directory, "cannot be created", cause);
  }
}

/** What a new directory is given: the settings, else the defaults. */
export function newInstallation(settings: Settings, createdAt: number, demo: Demo | null): Installation {
  return {
    format: FORMAT,
    clock: settings.TIDEMARK_CLOCK ?? "wall",
    timeZone: settings.TIDEMARK_TIME_ZONE ?? "UTC",
    currency: settings.TIDEMARK_CURRENCY ?? "EUR",
    topicPrefix: settings.TIDEMARK_TOPIC_PREFIX ?? TOPIC_PREFIX_DEFAULT,
    partitions: PARTITIONS,
    createdAt,
    demo,
    log: { kind: "embedded" },
  };
}

/** The same with other settings, where they are said. */
export function withSettings(installation: Installation, settings: Settings): Installation {
  return {
    ...installation,
    clock: settings.TIDEMARK_CLOCK ?? installation.clock,
    timeZone: settings.TIDEMARK_TIME_ZONE ?? installation.timeZone,
    currency: settings.TIDEMARK_CURRENCY ?? installation.currency,
    topicPrefix: settings.TIDEMARK_TOPIC_PREFIX ?? installation.topicPrefix,
  };
}

/**
 * Refuses settings that contradict the directory; what is not said is taken from it.
 * @throws CommandFailed (configuration) with every contradiction
 */
export function checkInstallation(directory: string, installation: Installation, settings: Settings): void {
  const problems = contradictions(installation, settings);
  if (problems.length === 0) return;
  const advice = "leave the setting out, or name another directory with --data-dir";
  throw new CommandFailed(
    exitCodes.configuration,
    [`${directory} was created with other settings:`, ...problems, advice].join("\n"),
  );
}

/** What is fixed elsewhere, and is not said to be the same: a line each, none where nothing contradicts. */
export function contradictions(installation: Partial<Installation>, settings: Settings): string[] {
  const fixed: readonly (readonly [SettingName, string | undefined])[] = [
    ["TIDEMARK_CLOCK", installation.clock],
    ["TIDEMARK_TIME_ZONE", installation.timeZone],
    ["TIDEMARK_CURRENCY", installation.currency],
    ["TIDEMARK_TOPIC_PREFIX", installation.topicPrefix],
  ];
  return fixed
    .filter(([name, value]) => value !== undefined && settings[name] !== undefined && settings[name] !== value)
    .map(([name, value]) => `  ${name} (${flagOf(name)}) is ${value} there, and cannot be changed`);
}

/** @throws CommandFailed (configuration) where the directory was made for the other kind of log */
export function requireLog(directory: string, { log }: Installation, kind: Installation["log"]["kind"]): void {
  if (log.kind === kind) return;
  const why =
    kind === "kafka"
      ? `${directory} has a log of its own, and KAFKA_BROKERS is set: name another directory with --data-dir, or unset it`
      : `${directory} belongs to a Kafka cluster: set KAFKA_BROKERS and SCHEMA_REGISTRY_URL, or name another directory with --data-dir`;
  throw new CommandFailed(exitCodes.configuration, why);
}

/** Where a directory with a log of its own has the schemas of its records. */
export function schemasOf(directory: string): Extract<RegistryDescription, { readonly kind: "file" }> {
  return { kind: "file", path: join(directory, "schemas.json") };
}

function pathOf(directory: string): string {
  return join(directory, "installation.json");
}

function parse(directory: string, text: string): Installation {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw unusable(directory, "is damaged", cause);
  }
  const format = z.object({ format: z.number() }).safeParse(json);
  if (format.success && format.data.format > FORMAT) {
    throw new CommandFailed(exitCodes.configuration, `${directory} was made by a newer release of tidemark; use that`);
  }
  const result = installationSchema.safeParse(json);
  if (!result.success) throw unusable(directory, "is damaged", result.error);
  return result.data;
}

function unusable(directory: string, what: string, cause: unknown): CommandFailed {
  const why = cause instanceof Error && "code" in cause ? `: ${systemWords(cause)}` : "";
  return new CommandFailed(exitCodes.configuration, `the data directory ${directory} ${what}${why}`, { cause });
}

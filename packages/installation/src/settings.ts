import { isCurrency } from "@tidemark/contracts";
import { LOG_LEVELS } from "@tidemark/telemetry";
import { z } from "zod";
import { SettingsInvalid } from "./settings-invalid.ts";

/** More threads than cores of any machine gain nothing. */
const WORKERS_MAX = 256;
/** Nobody keeps a partition on more brokers. */
const REPLICATION_MAX = 9;

/**
 * All settings: each is an environment variable and the flag of the same name (`TIDEMARK_DATA_DIR`, `--data-dir`); the
 * flag wins. What has no default here is decided by the data directory or by the command.
 */
const settingSchemas = {
  KAFKA_BROKERS: list("brokers", /^[^\s:]+:\d{1,5}$/u, "host:port"),
  SCHEMA_REGISTRY_URL: url(),
  SCHEMA_REGISTRY_USERNAME: text(),
  SCHEMA_REGISTRY_PASSWORD: text(),
  KAFKA_SSL: choice(["true", "false"]),
  KAFKA_SSL_CA_FILE: text(),
  KAFKA_SSL_CERT_FILE: text(),
  KAFKA_SSL_KEY_FILE: text(),
  KAFKA_SASL_MECHANISM: choice(["plain", "scram-sha-256", "scram-sha-512", "oauthbearer"]),
  KAFKA_SASL_USERNAME: text(),
  KAFKA_SASL_PASSWORD: text(),
  KAFKA_SASL_TOKEN_URL: url(),
  KAFKA_SASL_TOKEN_FILE: text(),
  KAFKA_SASL_SCOPE: text(),
  TIDEMARK_DATA_DIR: text(),
  TIDEMARK_HOST: z.string().min(1).prefault("127.0.0.1"),
  TIDEMARK_PORT: whole(0, 65_535).prefault("8080"),
  TIDEMARK_TOPIC_PREFIX: z
    .string()
    .regex(/^[a-zA-Z0-9._-]{1,100}$/u, "must be letters, digits, dots, underscores and hyphens")
    .optional(),
  TIDEMARK_CURRENCY: z.string().refine(isCurrency, "must be an ISO 4217 code in capitals, such as EUR").optional(),
  TIDEMARK_TIME_ZONE: z.string().refine(isTimeZone, "must be an IANA time zone such as Europe/Berlin").optional(),
  TIDEMARK_CLOCK: choice(["wall", "event"]),
  TIDEMARK_CHURN_HORIZON_DAYS: whole(1, 3650).optional(),
  TIDEMARK_VALUE_HORIZON_DAYS: whole(1, 3650).optional(),
  TIDEMARK_DISCOUNT_RATE: decimal(0, 1).optional(),
  TIDEMARK_REPLICATION: whole(1, REPLICATION_MAX).prefault("3"),
  TIDEMARK_TURN_MS: whole(1, 10_000).optional(),
  TIDEMARK_WORKERS: whole(0, WORKERS_MAX).optional(),
  TIDEMARK_LOG_LEVEL: z.enum(LOG_LEVELS, { error: `must be one of ${LOG_LEVELS.join(", ")}` }).prefault("warn"),
  TIDEMARK_API_KEYS: list("keys", /^[!-+\--~]+$/u, "a key without blanks or commas"),
  TIDEMARK_ERASURE_KEY: z
    .string()
    .regex(/^[!-~]{32,1024}$/u, "must be at least 32 printable characters without blanks")
    .optional(),
  TIDEMARK_CONSENT_DEFAULT: choice(["granted", "denied"]),
  TIDEMARK_SCORECARDS: list("files and directories", /^[^,]+$/u, "a path without commas"),
  TIDEMARK_COMPLAINT_SLA_HOURS: whole(1, 8760).optional(),
} as const;

export type SettingName = keyof typeof settingSchemas;

/** The settings parsed; `undefined` = not said and without a default of its own. */
export type Settings = z.infer<typeof settingsSchema>;

const settingsSchema = z.object(settingSchemas);

type Given = Partial<Record<SettingName, string>>;
type Problem = readonly [SettingName, string];

/** What settings have to do with each other; looked at even where one of them cannot be read, so that all is told at once. */
function relationProblems(given: Given): Problem[] {
  const problems: Problem[] = [];
  if (given.KAFKA_BROKERS !== undefined && given.SCHEMA_REGISTRY_URL === undefined) {
    problems.push(["SCHEMA_REGISTRY_URL", "is needed with KAFKA_BROKERS"]);
  }
  problems.push(...saslProblems(given));
  if ((given.SCHEMA_REGISTRY_USERNAME === undefined) !== (given.SCHEMA_REGISTRY_PASSWORD === undefined)) {
    problems.push(["SCHEMA_REGISTRY_USERNAME", "and SCHEMA_REGISTRY_PASSWORD need each other"]);
  }
  if ((given.KAFKA_SSL_CERT_FILE === undefined) !== (given.KAFKA_SSL_KEY_FILE === undefined)) {
    problems.push(["KAFKA_SSL_CERT_FILE", "and KAFKA_SSL_KEY_FILE need each other"]);
  }
  const isReachable = given.TIDEMARK_HOST !== undefined && !LOOPBACK_HOSTS.has(given.TIDEMARK_HOST);
  if (isReachable && given.TIDEMARK_API_KEYS === undefined) {
    problems.push([
      "TIDEMARK_API_KEYS",
      "are needed to bind an address other than 127.0.0.1: anybody could read the customers",
    ]);
  }
  return problems;
}

/** Each mechanism needs settings of its own, and none of them means anything without one. */
function saslProblems(given: Given): Problem[] {
  const names = ["USERNAME", "PASSWORD", "TOKEN_URL", "TOKEN_FILE", "SCOPE"].map(
    (part) => `KAFKA_SASL_${part}` as SettingName,
  );
  const mechanism = given.KAFKA_SASL_MECHANISM;
  if (mechanism === undefined) {
    return names.some((name) => given[name] !== undefined)
      ? [["KAFKA_SASL_MECHANISM", "is needed with the other KAFKA_SASL_*"]]
      : [];
  }
  const isToken = mechanism === "oauthbearer";
  if (isToken && given.KAFKA_SASL_TOKEN_FILE !== undefined) return [];
  const needed: readonly SettingName[] = [
    ...(isToken ? (["KAFKA_SASL_TOKEN_URL"] as const) : []),
    "KAFKA_SASL_USERNAME",
    "KAFKA_SASL_PASSWORD",
  ];
  const why = isToken ? "is needed with oauthbearer, or KAFKA_SASL_TOKEN_FILE instead" : `is needed with ${mechanism}`;
  return needed.filter((name) => given[name] === undefined).map((name): Problem => [name, why]);
}

const LOOPBACK_HOSTS: ReadonlySet<string> = new Set(["127.0.0.1", "::1", "localhost"]);

/**
 * Parses the settings of flags and environment together. An empty variable counts as not set.
 * @param flags by the name of the setting
 * @throws SettingsInvalid with every problem, each by the name it was given under, never its value
 */
export function parseSettings(
  environment: Readonly<Record<string, string | undefined>>,
  flags: Readonly<Partial<Record<SettingName, string>>>,
): Settings {
  const given: Given = {};
  for (const name of settingNames) {
    const value = flags[name] ?? environment[name];
    if (value !== undefined && value !== "") given[name] = value;
  }
  const result = settingsSchema.safeParse(given);
  const problems = [
    ...(result.error?.issues ?? []).map((issue): Problem => [issue.path[0] as SettingName, issue.message]),
    ...relationProblems(given),
  ];
  if (result.success && problems.length === 0) return result.data;
  const lines = problems.map(([name, what]) => `  ${flags[name] === undefined ? name : flagOf(name)} ${what}`);
  throw new SettingsInvalid(["the configuration cannot be used:", ...lines].join("\n"));
}

export const settingNames = Object.keys(settingSchemas) as readonly SettingName[];

/** `--data-dir` for `TIDEMARK_DATA_DIR`. */
export function flagOf(name: SettingName): string {
  return `--${name
    .replace(/^TIDEMARK_/u, "")
    .toLowerCase()
    .replaceAll("_", "-")}`;
}

function text() {
  return z.string().min(1).optional();
}

function url() {
  return z.url({ protocol: /^https?$/u, error: "must be a URL that begins with http:// or https://" }).optional();
}

function choice<const Values extends readonly [string, ...string[]]>(values: Values) {
  return z.enum(values, { error: `must be ${values.join(" or ")}` }).optional();
}

function whole(min: number, max: number) {
  const message = `must be a whole number from ${min} to ${max}`;
  return z
    .string()
    .regex(/^\d{1,9}$/u, message)
    .transform(Number)
    .pipe(z.number().min(min, message).max(max, message));
}

function decimal(min: number, max: number) {
  const message = `must be a number from ${min} to ${max}`;
  return z
    .string()
    .regex(/^\d{1,9}(\.\d{1,12})?$/u, message)
    .transform(Number)
    .pipe(z.number().min(min, message).max(max, message));
}

function list(what: string, item: RegExp, shape: string) {
  return z
    .string()
    .transform((value) => value.split(",").map((part) => part.trim()))
    .refine((parts) => parts.every((part) => item.test(part)), `must be ${what} separated by commas, each ${shape}`)
    .optional();
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}

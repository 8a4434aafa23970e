import { type Command, Option } from "commander";
import { flagOf, type SettingName, settingNames } from "@tidemark/installation";

/** What a person is told of a setting: the shape of its value, and what it does. */
const descriptions: Readonly<Record<SettingName, readonly [value: string, description: string]>> = {
  KAFKA_BROKERS: ["LIST", "Kafka brokers, host:port separated by commas; without them the embedded log is used"],
  SCHEMA_REGISTRY_URL: ["URL", "schema registry of the Kafka brokers"],
  SCHEMA_REGISTRY_USERNAME: ["NAME", "user of the registry"],
  SCHEMA_REGISTRY_PASSWORD: ["TEXT", "password of that user; better in the environment than on the command line"],
  KAFKA_SSL: ["true|false", "encrypt the connections to the brokers"],
  KAFKA_SSL_CA_FILE: ["FILE", "certificate authority of the brokers"],
  KAFKA_SSL_CERT_FILE: ["FILE", "certificate of this client"],
  KAFKA_SSL_KEY_FILE: ["FILE", "key of this client's certificate"],
  KAFKA_SASL_MECHANISM: ["NAME", "plain, scram-sha-256, scram-sha-512 or oauthbearer"],
  KAFKA_SASL_USERNAME: ["NAME", "user of the brokers"],
  KAFKA_SASL_PASSWORD: ["TEXT", "password of that user; better in the environment than on the command line"],
  KAFKA_SASL_TOKEN_URL: ["URL", "oauthbearer: where user and password, as client id and secret, are given a token"],
  KAFKA_SASL_TOKEN_FILE: ["FILE", "oauthbearer: a file with the token instead; it is read at each connection"],
  KAFKA_SASL_SCOPE: ["TEXT", "oauthbearer: scope of the token that is asked for"],
  TIDEMARK_DATA_DIR: ["DIR", "where the data are (.tidemark/data, with start --demo .tidemark/demo)"],
  TIDEMARK_HOST: ["ADDRESS", "address to answer at (127.0.0.1); any other needs API keys"],
  TIDEMARK_PORT: ["NUMBER", "port to answer at (8080)"],
  TIDEMARK_TOPIC_PREFIX: ["TEXT", "prefix of all topics (tidemark.)"],
  TIDEMARK_CURRENCY: ["CODE", "base currency, ISO 4217 (EUR); fixed when the data directory is created"],
  TIDEMARK_TIME_ZONE: ["ZONE", "whose days are counted, IANA (UTC); fixed when the data directory is created"],
  TIDEMARK_CLOCK: ["wall|event", "what moves time: the clock, or the imported data (wall); fixed likewise"],
  TIDEMARK_CHURN_HORIZON_DAYS: ["DAYS", "churn is no purchase, or the end of a contract, within so many days (90)"],
  TIDEMARK_VALUE_HORIZON_DAYS: ["DAYS", "value is the expected margin of so many days (365)"],
  TIDEMARK_DISCOUNT_RATE: ["RATE", "yearly discount of future margin, 0 to 1 (0.1)"],
  TIDEMARK_REPLICATION: ["NUMBER", "on Kafka: brokers that keep each topic (3); 1 where there is a single broker"],
  TIDEMARK_TURN_MS: ["MS", "least time between two turns of a partition (20)"],
  TIDEMARK_WORKERS: [
    "NUMBER",
    "threads that score, at most one a partition (one a core, less one for queries and the log of a server); 0 = none beside it",
  ],
  TIDEMARK_LOG_LEVEL: ["LEVEL", "silent, error, warn, info or debug (warn)"],
  TIDEMARK_API_KEYS: ["LIST", "keys that callers must show, separated by commas; better in the environment"],
  TIDEMARK_ERASURE_KEY: [
    "TEXT",
    "secret under which erased customers are kept, the same for every process on Kafka; better in the environment",
  ],
  TIDEMARK_CONSENT_DEFAULT: ["granted|denied", "whether customers without a record may be scored (granted)"],
  TIDEMARK_SCORECARDS: ["LIST", "scorecards of your own beside the presets: JSON files, or directories of them"],
  TIDEMARK_COMPLAINT_SLA_HOURS: ["HOURS", "a complaint open for longer is overdue (48)"],
};

/**
 * Adds the flags of all settings to a command; those not named are taken too, but shown only by `start --help`, so that
 * each command's help teaches what it is about.
 */
export function addSettingOptions(command: Command, shown: readonly SettingName[] | "all"): Command {
  for (const name of settingNames) {
    const [value, description] = descriptions[name];
    const option = new Option(`${flagOf(name)} <${value}>`, `${description} [${name}]`);
    if (shown !== "all" && !shown.includes(name)) option.hideHelp();
    command.addOption(option);
  }
  return command;
}

/** The settings among a command's parsed options. */
export function settingFlags(options: Readonly<Record<string, unknown>>): Partial<Record<SettingName, string>> {
  const flags: Partial<Record<SettingName, string>> = {};
  for (const name of settingNames) {
    const value = options[camelCase(flagOf(name))];
    if (typeof value === "string") flags[name] = value;
  }
  return flags;
}

/** As commander names the attribute of a flag. */
function camelCase(flag: string): string {
  return flag.slice(2).replaceAll(/-(.)/gu, (_, letter: string) => letter.toUpperCase());
}

import { readFile } from "node:fs/promises";
import type { Settings, SettingName } from "./settings.ts";
import { SettingsInvalid } from "./settings-invalid.ts";

/** How to reach the cluster and its registry, as plain data: threads are handed it. */
export interface KafkaSettings {
  readonly connection: {
    readonly brokers: readonly string[];
    /** null = not encrypted. The texts of PEM files. */
    readonly tls: { readonly ca?: string; readonly cert?: string; readonly key?: string } | null;
    readonly sasl: SaslSettings | null;
  };
  readonly registry: {
    readonly kind: "confluent";
    readonly url: string;
    readonly auth?: { readonly username: string; readonly password: string };
  };
}

type SaslSettings =
  | {
      readonly mechanism: "plain" | "scram-sha-256" | "scram-sha-512";
      readonly username: string;
      readonly password: string;
    }
  | { readonly mechanism: "oauthbearer"; readonly token: TokenSettings };

type TokenSettings =
  | { readonly kind: "file"; readonly path: string }
  | {
      readonly kind: "endpoint";
      readonly url: string;
      readonly clientId: string;
      readonly clientSecret: string;
      readonly scope: string | null;
    };

/** null where no brokers are named: the embedded log is meant. @throws SettingsInvalid with every file that cannot be read */
export async function kafkaOf(settings: Settings): Promise<KafkaSettings | null> {
  const { KAFKA_BROKERS: brokers, SCHEMA_REGISTRY_URL: url } = settings;
  if (brokers === undefined || url === undefined) return null;
  const { SCHEMA_REGISTRY_USERNAME: username, SCHEMA_REGISTRY_PASSWORD: password } = settings;
  return {
    connection: { brokers, tls: await tlsOf(settings), sasl: saslOf(settings) },
    registry: {
      kind: "confluent",
      url,
      ...(username === undefined || password === undefined ? {} : { auth: { username, password } }),
    },
  };
}

/** As {@link kafkaOf}, for a service that runs by itself. @throws SettingsInvalid also where the embedded log is meant */
export async function requireKafka(settings: Settings, service: "gateway" | "processor"): Promise<KafkaSettings> {
  const kafka = await kafkaOf(settings);
  if (kafka !== null) return kafka;
  throw new SettingsInvalid(
    `the ${service} alone works on Kafka: set KAFKA_BROKERS and SCHEMA_REGISTRY_URL; without Kafka, npm start runs everything in one process`,
  );
}

async function tlsOf(settings: Settings): Promise<KafkaSettings["connection"]["tls"]> {
  const files = { ca: "KAFKA_SSL_CA_FILE", cert: "KAFKA_SSL_CERT_FILE", key: "KAFKA_SSL_KEY_FILE" } as const;
  const problems: string[] = [];
  const texts: { ca?: string; cert?: string; key?: string } = {};
  for (const part of ["ca", "cert", "key"] as const) {
    const name: SettingName = files[part];
    const path = settings[name];
    if (path === undefined) continue;
    try {
      texts[part] = await readFile(path, "utf8");
    } catch {
      problems.push(`  ${name} names a file that cannot be read`);
    }
  }
  if (problems.length > 0) throw new SettingsInvalid(["the configuration cannot be used:", ...problems].join("\n"));
  const isWanted = settings.KAFKA_SSL === "true" || (settings.KAFKA_SSL === undefined && Object.keys(texts).length > 0);
  return isWanted ? texts : null;
}

function saslOf(settings: Settings): SaslSettings | null {
  const { KAFKA_SASL_MECHANISM: mechanism, KAFKA_SASL_USERNAME: username, KAFKA_SASL_PASSWORD: password } = settings;
  if (mechanism === undefined) return null;
  if (mechanism !== "oauthbearer") return { mechanism, username: username ?? "", password: password ?? "" };
  const { KAFKA_SASL_TOKEN_FILE: path, KAFKA_SASL_TOKEN_URL: url, KAFKA_SASL_SCOPE: scope = null } = settings;
  const token: TokenSettings =
    path === undefined
      ? { kind: "endpoint", url: url ?? "", clientId: username ?? "", clientSecret: password ?? "", scope }
      : { kind: "file", path };
  return { mechanism, token };
}

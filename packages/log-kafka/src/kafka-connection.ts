import type { ConnectionOptions } from "node:tls";
import type { SASLOptions } from "kafkajs";
import { tokenProvider, type TokenSource } from "./oauth-token.ts";

/** How to reach a cluster, as plain data, so that it can be handed to a thread. */
export interface KafkaConnection {
  /** host:port of some brokers; the others are learnt from them. */
  readonly brokers: readonly string[];
  /** Texts of PEM files; null = not encrypted. */
  readonly tls: { readonly ca?: string; readonly cert?: string; readonly key?: string } | null;
  readonly sasl: KafkaSasl | null;
}

export type KafkaSasl =
  | {
      readonly mechanism: "plain" | "scram-sha-256" | "scram-sha-512";
      readonly username: string;
      readonly password: string;
    }
  | { readonly mechanism: "oauthbearer"; readonly token: TokenSource };

/** What kafkajs's lower half is given. */
export interface ConnectionParts {
  readonly brokers: readonly string[];
  readonly ssl?: ConnectionOptions;
  readonly sasl?: SASLOptions;
}

export function connectionParts({ brokers, tls, sasl }: KafkaConnection): ConnectionParts {
  return {
    brokers,
    ...(tls === null ? {} : { ssl: { ...tls } }),
    ...(sasl === null ? {} : { sasl: saslOptions(sasl) }),
  };
}

function saslOptions(sasl: KafkaSasl): SASLOptions {
  if (sasl.mechanism === "oauthbearer") {
    return { mechanism: sasl.mechanism, oauthBearerProvider: tokenProvider(sasl.token) };
  }
  const { mechanism, username, password } = sasl;
  return { mechanism, username, password };
}

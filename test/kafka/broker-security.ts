import type { CertificateAuthority } from "./certificate-authority.ts";

/** How clients reach a broker's client listener, and what they may do there. */
export interface BrokerSecurity {
  readonly tls?: {
    /** Signs the broker's certificate, and those of clients that are let in. */
    readonly authority: CertificateAuthority;
    readonly clientCertificates: "required" | "none";
  };
  readonly sasl?: {
    readonly mechanisms: readonly SaslMechanism[];
    /** For PLAIN and SCRAM; OAUTHBEARER takes any token of `unsecuredToken` that has not expired. */
    readonly users: readonly SaslUser[];
  };
  readonly acls?: {
    /** Like `User:admin`: they may do all, others what ACLs allow. */
    readonly superUsers: readonly string[];
  };
}

export type SaslMechanism = "PLAIN" | "SCRAM-SHA-256" | "SCRAM-SHA-512" | "OAUTHBEARER";

export interface SaslUser {
  readonly name: string;
  readonly password: string;
}

export interface SecuritySettings {
  readonly settings: Readonly<Record<string, string>>;
  /** Arguments of `StorageTool format`: SCRAM's users are data of the cluster. */
  readonly formatting: readonly string[];
}

export async function securitySettings({ tls, sasl, acls }: BrokerSecurity): Promise<SecuritySettings> {
  const protocol = (sasl === undefined ? "" : "SASL_") + (tls === undefined ? "PLAINTEXT" : "SSL");
  return {
    settings: {
      "listener.security.protocol.map": `CONTROLLER:PLAINTEXT,INTERNAL:PLAINTEXT,CLIENT:${protocol}`,
      ...(tls === undefined ? {} : await tlsSettings(tls)),
      ...(sasl === undefined ? {} : saslSettings(sasl)),
      ...(acls === undefined ? {} : aclSettings(acls)),
    },
    formatting: sasl === undefined ? [] : scramUsers(sasl),
  };
}

const CLIENT = "listener.name.client.";

async function tlsSettings({ authority, clientCertificates }: NonNullable<BrokerSecurity["tls"]>) {
  const { certificate, key } = await authority.issue("broker");
  return {
    [`${CLIENT}ssl.keystore.type`]: "PEM",
    [`${CLIENT}ssl.keystore.certificate.chain`]: certificate,
    [`${CLIENT}ssl.keystore.key`]: key,
    [`${CLIENT}ssl.truststore.type`]: "PEM",
    [`${CLIENT}ssl.truststore.certificates`]: authority.certificate,
    [`${CLIENT}ssl.client.auth`]: clientCertificates,
  };
}

function saslSettings({ mechanisms, users }: NonNullable<BrokerSecurity["sasl"]>): Record<string, string> {
  const plainUsers = users.map(({ name, password }) => ` user_${name}="${password}"`).join("");
  const modules: Readonly<Record<SaslMechanism, string>> = {
    PLAIN: `plain.PlainLoginModule required${plainUsers};`,
    "SCRAM-SHA-256": "scram.ScramLoginModule required;",
    "SCRAM-SHA-512": "scram.ScramLoginModule required;",
    OAUTHBEARER: 'oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="broker";',
  };
  const settings: Record<string, string> = { [`${CLIENT}sasl.enabled.mechanisms`]: mechanisms.join(",") };
  for (const mechanism of mechanisms) {
    const login = `org.apache.kafka.common.security.${modules[mechanism]}`;
    settings[`${CLIENT}${mechanism.toLowerCase()}.sasl.jaas.config`] = login;
  }
  return settings;
}

function scramUsers({ mechanisms, users }: NonNullable<BrokerSecurity["sasl"]>): readonly string[] {
  return mechanisms
    .filter((mechanism) => mechanism.startsWith("SCRAM-"))
    .flatMap((mechanism) =>
      users.flatMap(({ name, password }) => ["--add-scram", `${mechanism}=[name=${name},password=${password}]`]),
    );
}

/** The harness itself, and brokers among themselves, come without a name over the listeners without a login. */
function aclSettings({ superUsers }: NonNullable<BrokerSecurity["acls"]>): Record<string, string> {
  return {
    "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
    "super.users": ["User:ANONYMOUS", ...superUsers].join(";"),
  };
}

/** @returns a JSON Web Token without a signature, which Kafka takes for tests: `subject` is the user's name */
export function unsecuredToken(subject: string, issuedAt: Date, expiresAt: Date): string {
  const part = (content: object): string => Buffer.from(JSON.stringify(content)).toString("base64url");
  const seconds = (date: Date): number => date.getTime() / 1_000;
  return `${part({ alg: "none" })}.${part({ sub: subject, iat: seconds(issuedAt), exp: seconds(expiresAt) })}.`;
}

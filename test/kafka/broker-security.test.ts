import {
  type Admin,
  AclOperationTypes,
  AclPermissionTypes,
  AclResourceTypes,
  Kafka,
  type KafkaConfig,
  logLevel,
  ResourcePatternTypes,
  type SASLOptions,
} from "kafkajs";
import { describe, expect, inject, test } from "vitest";
import { type Broker, startBroker } from "./broker.ts";
import { type SaslMechanism, unsecuredToken } from "./broker-security.ts";
import { openCertificateAuthority } from "./certificate-authority.ts";

const ALICE = { name: "alice", password: "alices-password" };
const ADMIN = { name: "admin", password: "admins-password" };

describe.skipIf(!inject("ownBrokers"))("a secured broker", { timeout: 180_000 }, () => {
  test("lets in who can log in, by every mechanism, and lets them do what ACLs say", async () => {
    const mechanisms: readonly SaslMechanism[] = ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER"];
    await using broker = await startBroker({
      security: { sasl: { mechanisms, users: [ALICE, ADMIN] }, acls: { superUsers: ["User:admin"] } },
    });
    await using internal = await connected({ brokers: [broker.internal] });
    await internal.admin.createTopics({ topics: [{ topic: "orders" }], waitForLeaders: false });
    const topicsOf = (sasl: SASLOptions): Promise<readonly string[]> => topicsSeen(broker, { sasl });

    for (const mechanism of ["plain", "scram-sha-256", "scram-sha-512"] as const) {
      expect(await topicsOf({ mechanism, username: ADMIN.name, password: ADMIN.password })).toContain("orders");
      expect(await topicsOf({ mechanism, username: ALICE.name, password: ALICE.password })).toEqual([]);
      const wrong = topicsOf({ mechanism, username: ALICE.name, password: ADMIN.password });
      await expect(wrong).rejects.toThrow(/SASL|authentication/iu);
    }
    const bearer = (secondsLeft: number): SASLOptions => ({
      mechanism: "oauthbearer",
      oauthBearerProvider: async () => {
        const now = Date.now();
        return { value: unsecuredToken("admin", new Date(now - 60_000), new Date(now + secondsLeft * 1_000)) };
      },
    });
    expect(await topicsOf(bearer(60))).toContain("orders");
    await expect(topicsOf(bearer(-30))).rejects.toThrow(/SASL|authentication|broker pool/iu);

    await internal.admin.createAcls({
      acl: [
        {
          resourceType: AclResourceTypes.TOPIC,
          resourceName: "orders",
          resourcePatternType: ResourcePatternTypes.LITERAL,
          principal: "User:alice",
          host: "*",
          operation: AclOperationTypes.DESCRIBE,
          permissionType: AclPermissionTypes.ALLOW,
        },
      ],
    });
    const allowed = { mechanism: "plain", username: ALICE.name, password: ALICE.password } as const;
    await expect.poll(() => topicsOf(allowed), { timeout: 30_000 }).toEqual(["orders"]);
  });

  test("takes client certificates of its authority alone", async () => {
    await using authority = await openCertificateAuthority();
    await using stranger = await openCertificateAuthority();
    await using broker = await startBroker({ security: { tls: { authority, clientCertificates: "required" } } });
    const [own, foreign] = [await authority.issue("alice"), await stranger.issue("alice")];
    const ca = [authority.certificate];

    expect(await topicsSeen(broker, { ssl: { ca, cert: own.certificate, key: own.key } })).toEqual([]);
    await expect(topicsSeen(broker, { ssl: { ca } })).rejects.toThrow(/certificate|closed|disconnected|handshake/iu);
    const refused = topicsSeen(broker, { ssl: { ca, cert: foreign.certificate, key: foreign.key } });
    await expect(refused).rejects.toThrow(/certificate|closed|disconnected|handshake|unknown/iu);
  });

  test("shows a certificate that who knows its authority trusts, and takes passwords behind it", async () => {
    await using authority = await openCertificateAuthority();
    await using broker = await startBroker({
      security: {
        tls: { authority, clientCertificates: "none" },
        sasl: { mechanisms: ["PLAIN"], users: [ALICE] },
      },
    });
    const sasl = { mechanism: "plain", username: ALICE.name, password: ALICE.password } as const;

    expect(await topicsSeen(broker, { ssl: { ca: [authority.certificate] }, sasl })).toEqual([]);
    await expect(topicsSeen(broker, { ssl: true, sasl })).rejects.toThrow(/certificate/u);
  });
});

/** @returns the topics that a client may see, Kafka's own left out */
async function topicsSeen(broker: Broker, how: Partial<KafkaConfig>): Promise<readonly string[]> {
  await using client = await connected({ ...how, brokers: [broker.bootstrap] });
  return (await client.admin.listTopics()).filter((topic) => !topic.startsWith("__"));
}

async function connected(config: KafkaConfig): Promise<AsyncDisposable & { readonly admin: Admin }> {
  const limits = { logLevel: logLevel.NOTHING, connectionTimeout: 5_000, retry: { retries: 0 } };
  const admin = new Kafka({ ...limits, ...config }).admin();
  const disconnect = (): Promise<void> => admin.disconnect();
  try {
    await admin.connect();
  } catch (error) {
    await disconnect();
    throw error;
  }
  return { admin, [Symbol.asyncDispose]: disconnect };
}

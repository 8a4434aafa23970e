import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectionParts, type KafkaConnection, openKafkaLog } from "@tidemark/log-kafka";
import { LogDenied } from "@tidemark/streams";
import { describe, expect, inject, test } from "vitest";
import { batch, createTopic, readAll, records } from "../conformance/log-under-test.ts";
import { systemClock } from "../conformance/system-clock.ts";
import { startBroker } from "./broker.ts";
import { unsecuredToken } from "./broker-security.ts";
import { openCertificateAuthority } from "./certificate-authority.ts";

const USER = { username: "tidemark", password: "a-password" };
const WRONG = "another-password";
type Sasl = NonNullable<KafkaConnection["sasl"]>;

describe.skipIf(!inject("ownBrokers"))("the log on a secured broker", { timeout: 180_000 }, () => {
  test("encrypts and shows its certificate and its user on every connection, by every mechanism; else it is denied", async () => {
    await using authority = await openCertificateAuthority();
    await using broker = await startBroker({
      security: {
        tls: { authority, clientCertificates: "required" },
        sasl: {
          mechanisms: ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER"],
          users: [{ name: USER.username, password: USER.password }],
        },
      },
    });
    await using folder = await temporaryFolder();
    const { certificate, key } = await authority.issue("client");
    const tls = { ca: authority.certificate, cert: certificate, key };
    const open = (sasl: Sasl, withTls: KafkaConnection["tls"] = tls) =>
      openKafkaLog({
        ...connectionParts({ brokers: [broker.bootstrap], tls: withTls, sasl }),
        clientId: "security",
        clock: systemClock,
        replication: { factor: 1, insyncMin: 1 },
        limits: { readMsMax: 3_000 },
      });
    const tokenOf = async (name: string, secondsLeft: number): Promise<Sasl> => {
      const path = join(folder.path, name);
      const now = Date.now();
      await writeFile(path, unsecuredToken("tidemark", new Date(now - 60_000), new Date(now + secondsLeft * 1_000)));
      return { mechanism: "oauthbearer", token: { kind: "file", path } };
    };

    const right: readonly Sasl[] = [
      { mechanism: "plain", ...USER },
      { mechanism: "scram-sha-256", ...USER },
      { mechanism: "scram-sha-512", ...USER },
      await tokenOf("fresh", 60),
    ];
    for (const sasl of right) {
      const log = await open(sasl);
      const topic = await createTopic(log, 2);
      const writer = await log.openWriter(`${topic}-writer`);
      await writer.commit([batch(topic, 0, records("a", 2)), batch(topic, 1, records("a", 2))]);
      await log.append([batch(topic, 0, records("b", 1))]);
      expect(await readAll(log, topic, 0)).toHaveLength(3);
      await log.close();
    }

    const wrong: readonly Sasl[] = [
      { mechanism: "plain", ...USER, password: WRONG },
      { mechanism: "scram-sha-512", ...USER, password: WRONG },
      await tokenOf("stale", -30),
    ];
    for (const sasl of wrong) {
      const error: unknown = await open(sasl).catch((thrown: unknown) => thrown);
      expect([sasl.mechanism, error]).toEqual([sasl.mechanism, expect.any(LogDenied)]);
      expect(String(error)).toContain("KAFKA_SASL_");
      expect(String(error)).not.toContain(WRONG);
    }
    const withoutCertificate = open({ mechanism: "plain", ...USER }, { ca: authority.certificate });
    await expect(withoutCertificate).rejects.toThrow(/KAFKA_SSL_/u);
  });
});

async function temporaryFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), "tidemark-security-"));
  return { path, [Symbol.asyncDispose]: async () => rm(path, { recursive: true, force: true }) };
}

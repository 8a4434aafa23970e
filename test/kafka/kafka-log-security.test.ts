import { openKafkaLog } from "@tidemark/log-kafka";
import { LogUnavailable } from "@tidemark/streams";
import { describe, expect, inject, test } from "vitest";
import { batch, createTopic, readAll, records } from "../conformance/log-under-test.ts";
import { systemClock } from "../conformance/system-clock.ts";
import { startBroker } from "./broker.ts";
import { openCertificateAuthority } from "./certificate-authority.ts";

const USER = { name: "tidemark", password: "a-password" };

describe.skipIf(!inject("ownBrokers"))("the log on a secured broker", { timeout: 180_000 }, () => {
  test("encrypts and logs in on every connection, and says what a wrong password does", async () => {
    await using authority = await openCertificateAuthority();
    await using broker = await startBroker({
      security: {
        tls: { authority, clientCertificates: "none" },
        sasl: { mechanisms: ["SCRAM-SHA-512"], users: [USER] },
      },
    });
    const open = (password: string) =>
      openKafkaLog({
        brokers: [broker.bootstrap],
        clientId: "security",
        clock: systemClock,
        replication: { factor: 1, insyncMin: 1 },
        ssl: { ca: [authority.certificate] },
        sasl: { mechanism: "scram-sha-512", username: USER.name, password },
        limits: { readMsMax: 3_000 },
      });
    const log = await open(USER.password);
    const topic = await createTopic(log, 2);
    const writer = await log.openWriter(`${topic}-writer`);
    await writer.commit([batch(topic, 0, records("a", 2)), batch(topic, 1, records("a", 2))]);
    await log.append([batch(topic, 0, records("b", 1))]);
    expect(await readAll(log, topic, 0)).toHaveLength(3);
    await log.close();
    const refused = open("another-password");
    await expect(refused).rejects.toThrow(LogUnavailable);
    await expect(refused).rejects.not.toThrow(/another-password/u);
  });
});

import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { connect } from "node:net";
import { createInterface } from "node:readline";
import { Kafka, logLevel } from "kafkajs";
import { describe, expect, inject, test } from "vitest";
import { until } from "../integration/until.ts";
import { startBroker } from "./broker.ts";

describe.skipIf(!inject("ownBrokers"))("a broker", { timeout: 180_000 }, () => {
  test("keeps its records and its ports over kill -9", async () => {
    await using broker = await startBroker();
    const kafka = new Kafka({ brokers: [broker.bootstrap], logLevel: logLevel.NOTHING });
    const admin = kafka.admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic: "kept" }], waitForLeaders: false });
    const producer = kafka.producer();
    await producer.connect();
    await producer.send({ topic: "kept", messages: [{ value: "1" }, { value: "2" }] });
    const pidBefore = broker.pid;

    await broker.kill();
    await broker.restart();

    expect(broker.pid).not.toBe(pidBefore);
    expect(await admin.fetchTopicOffsets("kept")).toMatchObject([{ partition: 0, high: "2" }]);
    await Promise.all([producer.disconnect(), admin.disconnect()]);
  });

  test("that cannot start shows what its log says", async () => {
    const started = startBroker({ settings: { "log.retention.ms": "never" } });

    await expect(started).rejects.toThrow(/broker 1 ended.*Invalid value never for configuration log.retention.ms/su);
  });

  test("that is disposed of leaves no process and no folder", async () => {
    const broker = await startBroker();

    await broker[Symbol.asyncDispose]();

    expect(() => process.kill(broker.pid, 0)).toThrow("ESRCH");
    expect(existsSync(broker.directory)).toBe(false);
  });

  test("that belongs to a process which was killed ends, and its folder goes", async () => {
    const script = `
      import { startBroker } from ${JSON.stringify(import.meta.resolve("./broker.ts"))};
      const { bootstrap, directory } = await startBroker();
      console.log(JSON.stringify({ bootstrap, directory }));
      setInterval(() => undefined, 1_000);
    `;
    const owner = spawn(process.execPath, ["--input-type=module", "--eval", script], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const [line] = (await once(createInterface(owner.stdout), "line")) as [string];
    const { bootstrap, directory } = JSON.parse(line) as { bootstrap: string; directory: string };
    expect(await listens(bootstrap)).toBe(true);

    owner.kill("SIGKILL");

    await until("no folder", () => (existsSync(directory) ? null : true));
    expect(await listens(bootstrap)).toBe(false);
  });
});

async function listens(address: string): Promise<boolean> {
  const [host = "", port = ""] = address.split(":");
  const socket = connect(Number(port), host);
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

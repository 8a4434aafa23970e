import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, get, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@tidemark/clock";
import { openContracts, openFileRegistry, topicSpecs } from "@tidemark/contracts";
import { openEmbeddedLog } from "@tidemark/log-embedded";
import { createLogger } from "@tidemark/telemetry";
import { expect, test } from "vitest";
import { controlClient } from "./control-client.ts";
import { type ControlSource, startControlServer } from "./control-server.ts";
import { contextForTest } from "./run-command.ts";
import { shownBy } from "./shown-by.ts";

test("caught up is a server that has applied all there was, and shows it in queries", async () => {
  const asked: string[] = [];
  const left = [7, 0];
  const shown = [5, 2, 0];
  const source: Pick<ControlSource, "goal" | "left" | "shownGoal" | "shownLeft"> = {
    goal: () => Promise.resolve(10),
    left: (goal) => (asked.push(`left of ${goal}`), left.shift() ?? 0),
    shownGoal: () => (asked.push("goal of queries"), Promise.resolve([3, 40])),
    shownLeft: (goal) => (asked.push(`shown of ${goal.join()}`), shown.shift() ?? 0),
  };
  const server = await startControlServer(source as ControlSource, "token", SILENT);
  const told: number[] = [];
  await controlClient({ url: server.url, token: "token" }, contextForTest()).caughtUp((records) => told.push(records));
  await server.close();
  const ofQueries = ["goal of queries", ...Array.from({ length: 3 }, () => "shown of 3,40")];
  expect(asked).toEqual(["left of 10", "left of 10", ...ofQueries]);
  expect(told).toEqual([7]);
});

test("a connection that breaks while it is asked how much is left is made anew; one that always breaks is no answer", async () => {
  let breaks = 2;
  const server = createServer((request, response) => {
    if (request.url === "/left?goal=10" && breaks-- > 0) request.socket.destroy();
    else response.end(JSON.stringify(request.url?.endsWith("goal") === true ? { goal: 10 } : { left: 0 }));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  const client = controlClient({ url: `http://127.0.0.1:${port}`, token: "token" }, contextForTest());
  await client.caughtUp(() => undefined);
  expect(breaks).toBe(-1);
  breaks = 3;
  await expect(client.caughtUp(() => undefined)).rejects.toMatchObject({
    exitCode: 5,
    message: expect.stringContaining("does not answer"),
  });
  server.close();
});

test("what the server fails at is in its log, and who asked is sent there", async () => {
  const lines: string[] = [];
  const logger = createLogger({ level: "error", name: "test", destination: { write: (line) => lines.push(line) } });
  const source: Pick<ControlSource, "inspect"> = { inspect: () => Promise.reject(new TypeError("of Ada")) };
  const server = await startControlServer(source as ControlSource, "token", logger);
  const asked = controlClient({ url: server.url, token: "token" }, contextForTest()).inspect();
  await expect(asked).rejects.toMatchObject({ exitCode: 5, message: expect.stringContaining("its log says why") });
  await server.close();
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain("TypeError");
  expect(lines[0]).not.toContain("Ada");
});

test("who goes away in the midst of many lines leaves nothing open, and no line in the log", async () => {
  const lines: string[] = [];
  const logger = createLogger({ level: "error", name: "test", destination: { write: (line) => lines.push(line) } });
  const ended = Promise.withResolvers<void>();
  const source = {
    async *profiles() {
      try {
        for (;;) yield Array.from({ length: 1_000 }, () => ({ customerId: "c" }));
      } finally {
        ended.resolve();
      }
    },
  };
  const server = await startControlServer(source as unknown as ControlSource, "token", logger);
  const asked = get(`${server.url}/profiles`, { headers: { authorization: "Bearer token" } });
  const [answer] = (await once(asked, "response")) as [IncomingMessage];
  await once(answer, "data");
  asked.destroy();
  await ended.promise;
  await server.close();
  expect(lines).toEqual([]);
});

test("lines that end with the server in the middle are no answer", async () => {
  const server = createServer((_request, response) => {
    response.write("{}\n", () => response.destroy());
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;
  const client = controlClient({ url: `http://127.0.0.1:${port}`, token: "token" }, contextForTest());
  const read = Array.fromAsync(client.profiles());
  await expect(read).rejects.toMatchObject({ exitCode: 5, message: expect.stringContaining("does not answer") });
  server.close();
});

test("queries are behind by what each partition has not stored, whatever others are ahead", async () => {
  const folder = await mkdtemp(join(tmpdir(), "tidemark-shown-"));
  const log = await openEmbeddedLog({ directory: join(folder, "log"), clock: systemClock() });
  await log.createTopics(topicSpecs("t.", 2));
  const contracts = await openContracts({ registry: await openFileRegistry(join(folder, "r.json")), prefix: "t." });
  const records = ["a", "b", "c"].map((key) => ({ key: Buffer.from(key), value: Buffer.from("state") }));
  await log.append([{ topic: contracts.topics.processorState, partition: 1, records }]);
  let positions = [9, 1];
  const installation = { partitions: 2 } as Parameters<typeof shownBy>[1]["installation"];
  const shown = shownBy({ positions: () => positions }, { log, contracts, installation });
  const goal = await shown.shownGoal();
  expect([goal, shown.shownLeft(goal)]).toEqual([[0, 3], 2]);
  positions = [0, 4];
  expect(shown.shownLeft(goal)).toBe(0);
  await log.close();
  await rm(folder, { recursive: true });
});

const SILENT = createLogger({ level: "silent", name: "test" });

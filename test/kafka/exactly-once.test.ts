import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { until } from "../integration/until.ts";
import { readByConsole } from "./console-consumer.ts";
import { API_KEY } from "./kafka-frames.ts";
import { checkKeepingEvidence } from "./kept-evidence.ts";
import type { ScoreValue } from "./oracle/check-run.ts";
import { textOf } from "./oracle/run-records.ts";
import { avroDecoder } from "./oracle/avro-values.ts";
import { allTaken, type FleetMember, settled, somethingIsApplied } from "./processor-fleet.ts";
import { openProxiedInstallation, type ProxiedInstallation } from "./proxied-installation.ts";
import type { TcpProxy } from "./tcp-proxy.ts";

const LONG = process.env["TIDEMARK_TEST_LONG"] === "1";
const PARTITIONS = 4;
const PHASES = 6;
const EVENTS = LONG ? 300_000 : 6_000;
/** Few enough that each has many events, few enough events that no list of a profile is at its bound. */
const CUSTOMERS = LONG ? 10_000 : 200;
const SESSION_MS = LONG ? 10_000 : 3_000;
/** The broker gives up a transaction after 10 s, and looks twice a second. */
const BEYOND_TRANSACTION_MS = 11_000;
const MS_MAX = LONG ? 1_200_000 : 300_000;

let opened: ProxiedInstallation;

describe.skipIf(!inject("ownBrokers"))("exactly once", () => {
  beforeAll(async () => {
    opened = await openProxiedInstallation({
      installation: { partitions: PARTITIONS, groupLimits: { sessionMs: SESSION_MS, rebalanceMs: SESSION_MS } },
      feed: { seed: 7, customers: CUSTOMERS, batchRecords: LONG ? 400 : 25, everyMs: 50 },
    });
  }, 120_000);
  afterAll(() => opened[Symbol.asyncDispose]());

  test(
    `${EVENTS} events through two processors, of which each is killed, one is a zombie, and whose broker is killed: all scores as if nothing had happened`,
    async ({ annotate }) => {
      const { proxy, broker, installation, feed } = opened;
      const start = (machine: string): FleetMember => installation.fleet.start(machine);
      const ready = (...members: readonly FleetMember[]): Promise<void> => settled(members, PARTITIONS, MS_MAX);
      let one = start("machine-1");
      let two = start("machine-2");
      await ready(one, two);

      // Killed when a commit is asked for: whoever takes over must find nothing of it.
      let sending = feed.send(EVENTS / PHASES);
      await killIn(proxy, "request", one);
      await ready(two);
      one = start("machine-1");
      await Promise.all([sending, ready(one, two)]);

      // Killed when a commit is done and nobody has been told: whoever takes over must find all of it.
      sending = feed.send(EVENTS / PHASES);
      await killIn(proxy, "answer", two);
      await ready(one);
      two = start("machine-2");
      await Promise.all([sending, ready(one, two)]);

      // Killed somewhere.
      sending = feed.send(EVENTS / PHASES);
      await somethingIsApplied(one, two);
      await one.kill();
      one = start("machine-1");
      await Promise.all([sending, ready(one, two)]);

      // A zombie, which has a commit under way, and wakes up before it hears that its partitions are another's.
      expect(await two.stop()).toBe(0);
      await ready(one);
      sending = feed.send(EVENTS / PHASES / 2);
      const held = proxy.addRule({ apiKey: API_KEY.endTxn, direction: "request", action: "hold", times: 1 });
      await held.first;
      one.child.kill("SIGSTOP");
      const stoppedAt = performance.now();
      two = start("machine-2");
      await ready(two);
      await sending;
      await until("the broker has given up the zombie's transactions", () =>
        performance.now() - stoppedAt > Math.max(BEYOND_TRANSACTION_MS, SESSION_MS) ? true : null,
      );
      const heartbeats = proxy.addRule({ apiKey: API_KEY.heartbeat, direction: "request", action: "hold" });
      one.child.kill("SIGCONT");
      held.release();
      sending = feed.send(EVENTS / PHASES / 2);
      await until("the zombie finds that it was away", () => (one.stderr.includes(STARTS_AGAIN) ? true : null), MS_MAX);
      heartbeats.release();
      await Promise.all([sending, ready(one, two)]);

      sending = feed.send(EVENTS / PHASES);
      await somethingIsApplied(one, two);
      await broker.restart();
      await Promise.all([sending, ready(one, two)]);

      await feed.send(EVENTS - (PHASES - 1) * (EVENTS / PHASES));
      await allTaken([one, two], await installation.inputRecords(), MS_MAX);
      for (const member of [one, two]) expect(await member.stop()).toBe(0);

      const summary = await checkKeepingEvidence(installation, broker, [one, two]);
      expect(feed.acknowledged).toBe(EVENTS);
      expect(summary.inputs).toBeGreaterThanOrEqual(EVENTS);
      expect(summary.duplicate + summary.deadLetter).toBeGreaterThan(EVENTS / 50);
      expect(summary.owners).toBeGreaterThan(PARTITIONS * 4);
      await annotate(JSON.stringify(summary));
    },
    MS_MAX,
  );

  test(
    "Kafka's own consumer reads the same scores, versions 1, 2, 3, …, and none of the aborted ones that lie between them",
    async ({ annotate }) => {
      const { broker, installation } = opened;
      const topic = installation.contracts.topics.scores;
      const read = { brokers: [broker.internal], topic, recordsMax: EVENTS * 2 };
      const committed = await readByConsole(read);
      const everything = await readByConsole({ ...read, isolation: "read_uncommitted" });

      const decode = avroDecoder(installation.schemaOf);
      const versionOf = ({ value }: { readonly value: Buffer | null }): unknown =>
        (decode(value) as ScoreValue | null)?.version ?? "none";
      const newest = new Map<string, number>();
      for (const { key, value } of committed) {
        const score = decode(value) as ScoreValue | null;
        // The mark with which the test before has ended.
        if (score === null) continue;
        expect(score.customerId).toBe(textOf(key));
        const expected = (newest.get(score.customerId) ?? 0) + 1;
        if (score.version !== expected) {
          const written = everything.filter((record) => textOf(record.key) === textOf(key)).map(versionOf);
          throw new Error(`version ${score.version} follows ${expected - 1}; written were ${written.join(", ")}`);
        }
        newest.set(score.customerId, score.version);
      }
      expect(newest.size).toBeGreaterThan(CUSTOMERS / 2);
      expect(everything.length).toBeGreaterThan(committed.length);
      await annotate(`${committed.length} committed scores, ${everything.length - committed.length} aborted ones`);
    },
    MS_MAX,
  );
});

/** kill -9 while a transaction's end, or the answer to it, is under way. */
async function killIn(proxy: TcpProxy, direction: "request" | "answer", member: FleetMember): Promise<void> {
  // Of either processor: the other is held up for as long as it takes to kill this one.
  const held = proxy.addRule({ apiKey: API_KEY.endTxn, direction, action: "hold" });
  await until("both processors wait for the end of a transaction", () => (held.count() >= PARTITIONS ? true : null));
  await member.kill();
  held.release();
}

/** What a processor says of a task whose spell of ownership is over. */
const STARTS_AGAIN = "a task starts again";

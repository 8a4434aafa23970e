import { partitionOf } from "@tidemark/streams";
import { describe, expect, test } from "vitest";
import { type EventReader, openEvents } from "./event-reader.ts";
import { scoreOf, tierChangeOf } from "./records.ts";
import { openRig, PARTITIONS, type Rig, wallClock, withFetch } from "./rig.ts";

const DAY_MS = 86_400_000;

const nameOf = (data: string): string => {
  const { customerId, version } = JSON.parse(data) as { customerId: string; version: number };
  return `${customerId}/${version}`;
};

const take = async (events: EventReader, count: number): Promise<string[]> => {
  const names: string[] = [];
  while (names.length < count) names.push(nameOf((await events.nextEvent()).data));
  return names;
};

/** One append each, so that their times order them over the partitions too. */
async function appendInTurn(rig: Rig, customers: readonly string[]): Promise<void> {
  for (const [index, customer] of customers.entries()) await rig.appendScores([scoreOf(customer, index + 1)]);
}

let marks = 0;

/** What a stream begins with, but for marks: what is appended once it has begun comes after it. */
async function beginningOf(rig: Rig, path: string): Promise<string[]> {
  await using events = await openEvents(`${rig.url}${path}`);
  await events.next();
  const mark = `mark/${++marks}`;
  await rig.appendScores([scoreOf("mark", marks, { tier: "GOLD" })]);
  await rig.appendTierChanges([tierChangeOf("mark", marks)]);
  const names: string[] = [];
  for (;;) {
    const [name = ""] = await take(events, 1);
    if (name === mark) return names.filter((other) => !other.startsWith("mark/"));
    names.push(name);
  }
}

describe("a stream asked for the last", () => {
  test("scores begins with the newest, oldest first and one a customer, and goes on with what comes", async () => {
    let ms = 0;
    await using rig = await openRig({ clock: { ...wallClock, now: () => Date.UTC(2026, 0, 31) + ms++ } });
    const customers = Array.from({ length: 20 }, (_, index) => `c${index}`);
    await appendInTurn(rig, [...customers, "c19", "c3", "c19"]);
    await using events = await openEvents(`${rig.url}/v1/streams/scores?last=5&perSecondMax=1`);
    expect(await events.next()).toMatchObject({ event: null, data: null });
    expect(await take(events, 5)).toEqual(["c16/17", "c17/18", "c18/19", "c3/22", "c19/23"]);
    await rig.appendScores([scoreOf("c1", 24)]);
    expect(await take(events, 1)).toEqual(["c1/24"]);
  });

  test("gives what there is where that is less, and nothing of an empty log", async () => {
    await using rig = await openRig();
    expect(await beginningOf(rig, "/v1/streams/tier-changes?last=100")).toEqual([]);
    await rig.appendTierChanges([tierChangeOf("c1", 1), tierChangeOf("c1", 2)]);
    // A tier change takes the place of none.
    expect((await beginningOf(rig, "/v1/streams/tier-changes?last=100")).toSorted()).toEqual(["c1/1", "c1/2"]);
  });

  test("shows nothing of a customer who was erased since", async () => {
    await using rig = await openRig();
    await rig.appendScores([scoreOf("kept", 1), scoreOf("erased", 1)]);
    const key = Buffer.from("erased");
    const { scores: topic } = rig.contracts.topics;
    await rig.log.append([{ topic, partition: partitionOf(key, PARTITIONS), records: [{ key, value: null }] }]);
    expect(await beginningOf(rig, "/v1/streams/scores?last=10")).toEqual(["kept/1"]);
  });

  test("counts those that pass its filter", async () => {
    await using rig = await openRig();
    await rig.appendScores([scoreOf("gold", 1, { tier: "GOLD" })]);
    await appendInTurn(
      rig,
      Array.from({ length: 30 }, (_, index) => `c${index}`),
    );
    expect(await beginningOf(rig, "/v1/streams/scores?last=3&tier=gold")).toEqual(["gold/1"]);
  });

  test("repeats and misses nothing while scores come, wherever it is cut and resumed", async () => {
    await using rig = await openRig();
    const CUSTOMERS = 13;
    const sent: string[] = [];
    const append = async (count: number): Promise<void> => {
      const scores = Array.from({ length: count }, (_, index) => {
        return scoreOf(`c${(sent.length + index) % CUSTOMERS}`, sent.length + index);
      });
      sent.push(...scores.map((score) => `${score.customerId}/${score.version}`));
      await rig.appendScores(scores);
    };
    for (let taken = 0; taken <= CUSTOMERS; taken++) {
      await append(40);
      const coming = (async () => {
        for (let count = 1; count < 10; count++) await append(count);
      })();
      const seen: string[] = [];
      let lastId = "";
      {
        await using events = await openEvents(`${rig.url}/v1/streams/scores?last=${CUSTOMERS}`);
        lastId = (await events.next())?.id ?? "";
        while (seen.length < taken) {
          const { data, id } = await events.nextEvent();
          seen.push(nameOf(data));
          lastId = id;
        }
      }
      // Where it was cut it is resumed as any stream is, whatever the address asks for.
      await using resumed = await openEvents(`${rig.url}/v1/streams/scores?last=1`, { "last-event-id": lastId });
      await coming;
      await append(CUSTOMERS);
      const missing = new Set(sent.slice(-CUSTOMERS));
      while (missing.size > 0) {
        const [name = ""] = await take(resumed, 1);
        seen.push(name);
        missing.delete(name);
      }
      for (let customer = 0; customer < CUSTOMERS; customer++) {
        const own = (names: readonly string[]): string[] => names.filter((name) => name.startsWith(`c${customer}/`));
        // From the first that came on each, in order and once.
        expect(own(seen)).toEqual(own(sent).slice(own(sent).indexOf(own(seen)[0] ?? "")));
      }
    }
  });

  test("misses nothing that comes while it looks back", async () => {
    const looking = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    await using rig = await openRig({
      wrapLog: (log) =>
        withFetch(log, async (positions, options) => {
          // Who looks back asks for one partition at a time, the shared reader for all.
          if (positions.length === 1) {
            looking.resolve();
            await gate.promise;
          }
          return log.fetch(positions, options);
        }),
    });
    await rig.appendScores([scoreOf("a", 1)]);
    await using follower = await openEvents(`${rig.url}/v1/streams/scores`);
    await follower.next();
    const opening = openEvents(`${rig.url}/v1/streams/scores?last=5`);
    await looking.promise;
    const coming = ["a/2", "b/1", "c/1", "d/1", "e/1", "f/1"];
    await rig.appendScores(coming.map((name) => scoreOf(name.charAt(0), Number(name.slice(2)))));
    // The shared reader is past them.
    await take(follower, coming.length);
    gate.resolve();
    await using events = await opening;
    expect(await take(events, 1)).toEqual(["a/1"]);
    expect((await take(events, coming.length)).toSorted()).toEqual(coming);
  });

  test("looks back over what compaction took out, however much that is", async () => {
    let days = 0;
    await using rig = await openRig({
      clock: { ...wallClock, now: () => Date.now() + days * DAY_MS },
      logLimits: { segmentBytesMax: 50_000, compactionRecordsMin: 20, tailBytesMax: 0 },
    });
    // Behind one another in one partition.
    const home = (name: string): number => partitionOf(Buffer.from(name), PARTITIONS);
    const quiet = Array.from({ length: 20 }, (_, index) => `c${index}`).filter((name) => home(name) === home("busy"));
    await rig.appendScores(quiet.map((name) => scoreOf(name, 1)));
    for (let batch = 0; batch < 40; batch++) {
      await rig.appendScores(Array.from({ length: 500 }, (_, index) => scoreOf("busy", batch * 500 + index + 1)));
    }
    // Read whole it would be megabytes: it ends before it reaches the others.
    expect(await beginningOf(rig, "/v1/streams/scores?last=10")).toEqual(["busy/20000"]);
    days = 30;
    await rig.log.maintain();
    days = 60;
    await rig.log.maintain();
    expect((await beginningOf(rig, "/v1/streams/scores?last=10")).toSorted()).toEqual(
      [...quiet.map((name) => `${name}/1`), "busy/20000"].toSorted(),
    );
  });

  test("reads so much of each partition and no more, however many scores there are", async () => {
    let bytes = 0;
    let fetches = 0;
    await using rig = await openRig({
      wrapLog: (log) =>
        withFetch(log, async (positions, options) => {
          const slices = await log.fetch(positions, options);
          if (positions.length === 1) {
            fetches++;
            for (const { records } of slices) bytes += records.reduce((sum, record) => sum + record.bytes, 0);
          }
          return slices;
        }),
    });
    for (let batch = 0; batch < 40; batch++) {
      await rig.appendScores(
        Array.from({ length: 500 }, (_, index) => scoreOf(`busy${index % 9}`, batch * 500 + index)),
      );
    }
    await using events = await openEvents(`${rig.url}/v1/streams/scores?last=100`);
    await take(events, 9);
    expect(fetches).toBeLessThanOrEqual(PARTITIONS * 16);
    expect(bytes).toBeLessThanOrEqual(PARTITIONS * 16 * 33_000);
  });

  test.each(["0", "101", "-1", "1.5", "x", ""])("%j is refused", async (last) => {
    await using rig = await openRig();
    const response = await rig.call(`/v1/streams/scores?last=${last}`);
    expect(response.status).toBe(400);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    expect(await response.json()).toMatchObject({ code: "PARAMETER_INVALID" });
  });
});

import { subscribe } from "node:diagnostics_channel";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { EventLog } from "@tidemark/streams";
import { describe, expect, test } from "vitest";
import { type EventReader, openEvents } from "./event-reader.ts";
import { scoreOf, tierChangeOf } from "./records.ts";
import { openRig, PARTITIONS, type Rig, until, untilAsync, wallClock, withFetch, withOffsets } from "./rig.ts";

const nameOf = (data: string): string => {
  const { customerId, version } = JSON.parse(data) as { customerId: string; version: number };
  return `${customerId}/${version}`;
};

test("a score appended after a client came reaches it, with the place behind it as id", async () => {
  await using rig = await openRig();
  await rig.appendScores([scoreOf("before", 1)]);
  await using events = await openEvents(`${rig.url}/v1/streams/scores`);
  expect(events.response.headers.get("content-type")).toBe("text/event-stream");
  // The place is told at once, so that a client that saw no event can resume too.
  const first = await events.next();
  expect(first).toMatchObject({ event: null, data: null });

  await rig.appendScores([scoreOf("c1", 7, { tier: "GOLD", lifecycle: "NEW" })]);
  const { event, data, id } = await events.nextEvent();

  expect(event).toBe("score");
  expect(JSON.parse(data)).toMatchObject({
    customerId: "c1",
    version: 7,
    tier: "gold",
    lifecycle: "new",
    asOf: "2026-01-31T12:00:00.000Z",
    churn: 0.42,
    value: { expectedMinor: 6400, currency: "EUR" },
  });
  expect(id).toMatch(/^0:\d,1:\d,2:\d$/);
  expect(id).not.toBe(first?.id);
});

const filler = "x".repeat(200);

/** A connection that saw its answer begin and then does not read. */
const openMute = async (rig: { readonly url: string }, path: string) => {
  const { port } = new URL(rig.url);
  const socket = connect({ port: Number(port), host: "127.0.0.1" });
  await once(socket, "connect");
  socket.on("error", () => undefined);
  socket.write(`GET ${path} HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n`);
  await once(socket, "data");
  socket.pause();
  return socket;
};

const MEGABYTES_EVENTS = 8000;

/** Twenty megabytes: more than the kernel's buffers hold, so that the server feels that nobody reads. */
async function sendMegabytes(rig: Rig): Promise<void> {
  const segment = filler.repeat(10);
  for (let sent = 0; sent < MEGABYTES_EVENTS; sent += 200) {
    await rig.appendTierChanges(Array.from({ length: 200 }, (_, index) => tierChangeOf("c", index, { segment })));
  }
}

/** The id of a client that has seen every tier change. */
async function endOf(rig: Rig): Promise<string> {
  const topic = rig.contracts.topics.tierChanges;
  const ranges = await Promise.all(Array.from({ length: PARTITIONS }, (_, index) => rig.log.offsets(topic, index)));
  return ranges.map(({ end }, index) => `${index}:${end}`).join(",");
}

describe("resuming", () => {
  test(
    "repeats and misses nothing, wherever a client was cut and whatever came meanwhile",
    { timeout: 60_000 },
    async () => {
      await using rig = await openRig();
      let state = 12_345;
      const random = (max: number): number => {
        state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
        return Math.floor((state / 2 ** 32) * max);
      };
      const VISITS = 6;
      for (let round = 0; round < 15; round++) {
        const sent: string[] = [];
        const seen: string[] = [];
        let lastId: string | null = null;
        let version = 0;
        const append = async (): Promise<void> => {
          const scores = Array.from({ length: random(40) }, () => scoreOf(`r${round}-${random(12)}`, ++version));
          sent.push(...scores.map((score) => `${score.customerId}/${score.version}`));
          if (scores.length > 0) await rig.appendScores(scores);
        };
        for (let visit = 0; visit < VISITS; visit++) {
          await using events = await openEvents(
            `${rig.url}/v1/streams/scores`,
            lastId === null ? {} : { "last-event-id": lastId },
          );
          if (lastId === null) lastId = (await events.next())?.id ?? null;
          const underway = append();
          // The last visit takes all there is, the others some of it.
          const takes = visit === VISITS - 1 ? Number.POSITIVE_INFINITY : random(30);
          for (let taken = 0; taken < takes; taken++) {
            if (taken > 0 || visit < VISITS - 1) await underway;
            if (seen.length === sent.length) break;
            const { data, id } = await events.nextEvent();
            seen.push(nameOf(data));
            lastId = id;
          }
          await underway;
        }
        expect(seen.toSorted()).toEqual(sent.toSorted());
        // In the order of the log for every customer.
        for (const customer of new Set(seen.map((name) => name.split("/")[0]))) {
          const own = (names: readonly string[]): string[] => names.filter((name) => name.startsWith(`${customer}/`));
          expect(own(seen)).toEqual(own(sent));
        }
      }
    },
  );

  test("ahead of the shared reader gives nothing twice", async () => {
    let gate = Promise.resolve();
    // Holds up the shared reader, which asks for all partitions at once, and nobody else.
    const gated = (log: EventLog): EventLog =>
      withFetch(log, async (positions, options) => {
        const slices = await log.fetch(positions, options);
        if (positions.length === PARTITIONS) await gate;
        return slices;
      });
    await using rig = await openRig({ wrapLog: gated });
    await using first = await openEvents(`${rig.url}/v1/streams/tier-changes`);
    const start = (await first.next())?.id ?? "";
    const { promise, resolve } = Promise.withResolvers<void>();
    gate = promise;
    const names = Array.from({ length: 30 }, (_, version) => `c${version % 7}/${version}`);
    await rig.appendTierChanges(names.map((_, version) => tierChangeOf(`c${version % 7}`, version)));
    await using fromEnd = await openEvents(`${rig.url}/v1/streams/tier-changes`, { "last-event-id": await endOf(rig) });
    await fromEnd.next();
    await using fromStart = await openEvents(`${rig.url}/v1/streams/tier-changes`, { "last-event-id": start });
    await fromStart.next();
    resolve();
    await rig.appendTierChanges([tierChangeOf("last", 99)]);

    const take = async (reader: EventReader, count: number): Promise<string[]> => {
      const seen: string[] = [];
      while (seen.length < count) seen.push(nameOf((await reader.nextEvent()).data));
      return seen.toSorted();
    };
    expect(await take(fromEnd, 1)).toEqual(["last/99"]);
    for (const reader of [first, fromStart]) {
      expect(await take(reader, names.length + 1)).toEqual([...names, "last/99"].toSorted());
    }
  });

  test("reads a long way back at the client's pace, leaving nothing out", async () => {
    await using rig = await openRig({ streamLimits: { queueBytesMax: 64 * 1024 } });
    const changes = Array.from({ length: 5000 }, (_, index) => tierChangeOf(`c${index % 50}`, index));
    await rig.appendTierChanges(changes);
    await using events = await openEvents(`${rig.url}/v1/streams/tier-changes`, { "last-event-id": "0:0,1:0,2:0" });

    const seen = new Set<string>();
    while (seen.size < changes.length) seen.add(nameOf((await events.nextEvent()).data));

    expect(seen.size).toBe(5000);
  });

  test("at a place the log does not have says so, and goes on with the oldest there is", async () => {
    await using rig = await openRig();
    await rig.appendTierChanges([tierChangeOf("c1", 1)]);
    await using events = await openEvents(`${rig.url}/v1/streams/tier-changes`, {
      "last-event-id": "0:900,1:900,2:900",
    });
    expect(await events.next()).toMatchObject({ event: "reset", id: "0:0,1:0,2:0" });
    expect(nameOf((await events.nextEvent()).data)).toBe("c1/1");
  });

  test("behind what retention has left says so, and goes on with the oldest that is left", async () => {
    let days = 0;
    const clock = { ...wallClock, now: () => Date.now() + days * 86_400_000 };
    await using rig = await openRig({ clock });
    for (days = 0; days < 200; days += 20) await rig.appendTierChanges([tierChangeOf("c1", days)]);
    await rig.log.maintain();
    await using events = await openEvents(`${rig.url}/v1/streams/tier-changes`, { "last-event-id": "0:1,1:1,2:1" });
    const reset = await events.next();
    expect(reset?.event).toBe("reset");
    const { data } = await events.nextEvent();
    const { version } = JSON.parse(data) as { version: number };
    // Ninety days are kept; how much more depends on where the log's segments end.
    expect(version).toBeGreaterThan(20);
    expect(version).toBeLessThanOrEqual(120);
  });

  test("by something that is no id is refused", async () => {
    await using rig = await openRig();
    for (const lastId of ["", "x", "0:1", "0:1,1:1,2:1,3:1"]) {
      const response = await rig.call("/v1/streams/scores", { headers: { "last-event-id": lastId } });
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ code: "LAST_EVENT_ID_INVALID" });
    }
  });
});

test("filters let through one tier, one segment; the place moves on without them", async () => {
  await using rig = await openRig({ streamLimits: { heartbeatMs: 20 } });
  await using events = await openEvents(`${rig.url}/v1/streams/scores?tier=gold&segment=retail`);
  const first = await events.next();
  await rig.appendScores([
    scoreOf("a", 1, { tier: "GOLD", segment: "trade" }),
    scoreOf("b", 1, { tier: "SILVER", segment: "retail" }),
  ]);
  let place = await events.next();
  while (place?.id === null || place?.id === first?.id) place = await events.next();
  expect(place?.data).toBeNull();

  await rig.appendScores([scoreOf("c", 1, { tier: "GOLD", segment: "retail" })]);
  expect(nameOf((await events.nextEvent()).data)).toBe("c/1");
});

test("a silent stream is kept alive by comments", async () => {
  await using rig = await openRig({ streamLimits: { heartbeatMs: 10 } });
  await using events = await openEvents(`${rig.url}/v1/streams/churn-alerts`);
  await events.next();
  expect(await events.next()).toMatchObject({ comment: "heartbeat", event: null, data: null });
});

test("a watcher gets the newest events, no more a second than it asked for", async () => {
  await using rig = await openRig();
  await using events = await openEvents(`${rig.url}/v1/streams/scores?perSecondMax=4`);
  await events.next();
  await rig.appendScores(Array.from({ length: 1000 }, (_, index) => scoreOf("c", index)));
  const startedAt = performance.now();
  const versions: number[] = [];
  while (versions.at(-1) !== 999) {
    versions.push((JSON.parse((await events.nextEvent()).data) as { version: number }).version);
  }
  expect(versions.length).toBeLessThanOrEqual(6);
  expect(versions.length / ((performance.now() - startedAt) / 1000 + 0.25)).toBeLessThanOrEqual(4.5);
});

describe("a client that does not read", () => {
  /** The last version of each customer in what came over the wire; versions of one must rise. */
  const newestOf = (text: string): Map<string, number> => {
    const newest = new Map<string, number>();
    for (const [, customerId = "", digits] of text.matchAll(/"customerId":"(c\d+)","version":(\d+)/g)) {
      const version = Number(digits);
      if (version <= (newest.get(customerId) ?? -1)) throw new Error("versions of a customer must rise");
      newest.set(customerId, version);
    }
    return newest;
  };

  test("of tier changes is cut off at its bound, and the others are served on", { timeout: 60_000 }, async () => {
    await using rig = await openRig({ streamLimits: { queueBytesMax: 256 * 1024 } });
    await using reader = await openEvents(`${rig.url}/v1/streams/tier-changes`);
    await reader.next();
    const mute = await openMute(rig, "/v1/streams/tier-changes");
    const isClosed = once(mute, "close");
    let read = 0;
    const reading = (async () => {
      for (; read < 40_000; read++) await reader.nextEvent();
    })();
    // The kernel's buffers take some megabytes before the server feels that nobody reads.
    for (let batch = 0; batch < 80; batch++) {
      const versions = Array.from({ length: 500 }, (_, index) => batch * 500 + index);
      await rig.appendTierChanges(
        versions.map((version) => tierChangeOf(`c${version % 100}`, version, { segment: filler })),
      );
      await until(() => read > (batch - 1) * 500);
    }
    await reading;
    mute.resume();
    await isClosed;
    expect(read).toBe(40_000);
  });

  test("of scores is given the newest of each customer when it reads again", { timeout: 60_000 }, async () => {
    await using rig = await openRig({ streamLimits: { queueBytesMax: 256 * 1024 } });
    const mute = await openMute(rig, "/v1/streams/scores");
    let text = "";
    mute.setEncoding("utf8");
    const LAST = 40_000;
    for (let batch = 0; batch < LAST / 500; batch++) {
      const versions = Array.from({ length: 500 }, (_, index) => batch * 500 + index + 1);
      await rig.appendScores(versions.map((version) => scoreOf(`c${version % 20}`, version, { segment: filler })));
    }
    mute.on("data", (chunk: string) => {
      text += chunk;
    });
    mute.resume();
    // The partitions come one after the other, so the newest of all is not the last to come.
    await until(
      () =>
        /"version":(\d+)/.test(text) &&
        newestOf(text)
          .values()
          .every((version) => version > LAST - 20),
      30_000,
    );

    expect(newestOf(text).size).toBe(20);
    expect([...text.matchAll(/"version":/g)].length).toBeLessThan(LAST);
    mute.destroy();
  });

  test("for too long is cut off", async () => {
    await using rig = await openRig({
      streamLimits: { heartbeatMs: 20, stallMsMax: 100, queueBytesMax: 64 * 1024 * 1024, clientsMax: 1 },
    });
    const mute = await openMute(rig, "/v1/streams/tier-changes");
    const isClosed = once(mute, "close");
    await sendMegabytes(rig);
    // There is room for another only when the first is gone.
    await untilAsync(async () => {
      await using other = await openEvents(`${rig.url}/v1/streams/scores`);
      return other.response.status === 200;
    });
    mute.resume();
    await isClosed;
    expect(mute.destroyed).toBe(true);
  });
});

test("clients beyond the bound are told to come later, and one that leaves makes room", async () => {
  await using rig = await openRig({ streamLimits: { clientsMax: 2 } });
  await using first = await openEvents(`${rig.url}/v1/streams/scores`);
  await first.next();
  {
    await using second = await openEvents(`${rig.url}/v1/streams/churn-alerts`);
    await second.next();
    const refused = await rig.call("/v1/streams/scores");
    expect(refused.status).toBe(503);
    expect(refused.headers.get("retry-after")).toBe("10");
    expect(await refused.json()).toMatchObject({ code: "STREAMS_FULL" });
  }
  let status = 503;
  for (let tries = 0; tries < 200 && status === 503; tries++) {
    await using third = await openEvents(`${rig.url}/v1/streams/scores`);
    status = third.response.status;
  }
  expect(status).toBe(200);
});

test("a client that leaves before anything could be sent is no failure of the server", async () => {
  const asked = Promise.withResolvers<void>();
  const gone = Promise.withResolvers<void>();
  const holding = (log: EventLog): EventLog =>
    withOffsets(log, async (topic, partition) => {
      asked.resolve();
      await gone.promise;
      return log.offsets(topic, partition);
    });
  await using rig = await openRig({ wrapLog: holding, streamLimits: { clientsMax: 1 } });
  const { port } = new URL(rig.url);
  const accepted = new Promise<Socket>((resolve) => {
    subscribe("net.server.socket", (message) => resolve((message as { readonly socket: Socket }).socket));
  });
  const client = connect({ port: Number(port), host: "127.0.0.1" });
  client.write("GET /v1/streams/scores HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n");
  const socket = await accepted;
  await asked.promise;
  const isClosed = once(socket, "close");
  client.destroy();
  await isClosed;

  gone.resolve();
  // There is room for another only when the first has been let go.
  await untilAsync(async () => {
    await using other = await openEvents(`${rig.url}/v1/streams/scores`);
    return other.response.status === 200;
  });
  expect(rig.lines.filter((line) => line.includes("failed"))).toEqual([]);
});

test("one reader serves all clients of a stream, and rests when nobody listens", async () => {
  let fetches = 0;
  const counting = (log: EventLog): EventLog =>
    withFetch(log, (positions, fetching) => {
      fetches++;
      return log.fetch(positions, fetching);
    });
  await using rig = await openRig({ wrapLog: counting });
  {
    await using clients = new AsyncDisposableStack();
    const readers = await Promise.all(Array.from({ length: 20 }, () => openEvents(`${rig.url}/v1/streams/scores`)));
    for (const reader of readers) clients.use(reader);
    for (const reader of readers) await reader.next();
    const before = fetches;
    for (let version = 1; version <= 5; version++) {
      await rig.appendScores([scoreOf("c", version)]);
      for (const reader of readers) expect(nameOf((await reader.nextEvent()).data)).toBe(`c/${version}`);
    }
    expect(fetches - before).toBeLessThan(5 * (PARTITIONS + 2));
  }
  // The server hears of the clients' leaving a little later; from then on what is appended is not fetched.
  let version = 5;
  await untilAsync(async () => {
    const before = fetches;
    for (let appended = 0; appended < 5; appended++) await rig.appendScores([scoreOf("c", ++version)]);
    await rig.call("/healthz");
    return fetches === before;
  });
});

test("closing the gateway ends every stream, also of a client that does not read", async () => {
  // Time stands still, so that no deadline ends what should end by itself.
  const sleep = (_ms: number, signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
  const rig = await openRig({
    clock: { ...wallClock, sleep },
    streamLimits: { queueBytesMax: 64 * 1024 * 1024 },
  });
  await using reader = await openEvents(`${rig.url}/v1/streams/tier-changes`);
  await reader.next();
  const mute = await openMute(rig, "/v1/streams/tier-changes");
  const isClosed = once(mute, "close");
  await sendMegabytes(rig);
  // What this one has read the other has been offered.
  for (let read = 0; read < MEGABYTES_EVENTS; read++) await reader.nextEvent();
  await rig[Symbol.asyncDispose]();
  expect(await reader.next()).toBeNull();
  mute.resume();
  await isClosed;
});

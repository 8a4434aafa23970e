import type { Clock } from "@tidemark/streams";
import Encoder from "kafkajs/src/protocol/encoder.js";
import { expect, test } from "vitest";
import { GatheredFetches, type Wanted } from "./gathered-fetches.ts";
import { openScriptedCluster } from "./scripted-cluster.ts";

const FETCH = 1;
const LIST_OFFSETS = 2;
const INTERVAL_MS = 25;
const scripts = { [FETCH]: [() => empty()], [LIST_OFFSETS]: [() => new Encoder().writeInt32(0).writeInt32(0)] };

test("two who have read a partition to different ends and ask at the same moment are asked for one after the other", async () => {
  await using opened = await openFetches();
  await answered(opened, [atEnd(0)]);
  const [one, other] = await answered(opened, [atEnd(1), atEnd(2)]);
  expect([one?.sentAt, other?.sentAt]).toEqual([INTERVAL_MS, 2 * INTERVAL_MS]);
});

test("two who ask for the same position share the request", async () => {
  await using opened = await openFetches();
  await answered(opened, [atEnd(0)]);
  await answered(opened, [atEnd(1), atEnd(1)]);
  expect(opened.asked.filter((apiKey) => apiKey === FETCH)).toHaveLength(2);
});

/** Asks all at the same moment, and lets time go on until each has its answer. */
async function answered({ fetches, clock }: Awaited<ReturnType<typeof openFetches>>, wanted: readonly Wanted[]) {
  const asking = wanted.map(async (each) => {
    const { sentAt, endsToldAt, answers } = await fetches.ask(1, each);
    return { sentAt, answers: await answers, endsToldAt: await endsToldAt };
  });
  await clock.pass(asking);
  return Promise.all(asking);
}

function atEnd(offset: number): Wanted {
  return { positions: [{ topic: "events", partition: 0, offset }], bytesMax: 1_000, waitMs: 0, caughtUp: true };
}

async function openFetches() {
  const clock = slowClock();
  const limits = { askIntervalMs: INTERVAL_MS };
  const opened = await openScriptedCluster({ topic: "events", partitions: 1, scripts, clock, limits });
  return { ...opened, clock, fetches: new GatheredFetches(opened.cluster) };
}

/** Goes on only while somebody waits for it to, and then to the next moment that is waited for. */
function slowClock(): Clock & { pass(until: readonly Promise<unknown>[]): Promise<void> } {
  let now = 0;
  const waiting = new Map<() => void, number>();
  return {
    now: () => now,
    monotonic: () => now,
    sleep: (ms) => new Promise((resolve) => void waiting.set(resolve, now + ms)),
    yield: () => Promise.resolve(),
    async pass(works) {
      const done = Promise.allSettled(works).then(() => true);
      // Whoever can go on has done so with each pass of the event loop.
      const passed = (): Promise<boolean> => new Promise((resolve) => setImmediate(() => resolve(false)));
      while (!(await Promise.race([done, passed()]))) {
        const [first] = [...waiting].sort(([, one], [, other]) => one - other);
        if (first === undefined) continue;
        now = first[1];
        waiting.delete(first[0]);
        first[0]();
      }
    },
  };
}

/** Nothing new in the one partition. */
function empty(): Encoder {
  const encoder = new Encoder().writeInt32(0).writeInt16(0).writeInt32(0);
  encoder.writeInt32(1).writeString("events").writeInt32(1).writeInt32(0).writeInt16(0);
  return encoder.writeInt64(0).writeInt64(0).writeInt64(0).writeInt32(0).writeBytes(null);
}

import { createHash } from "node:crypto";
import { TIME_MS_MAX } from "@tidemark/contracts";
import { createImportTarget, type ImportItem, type ImportTarget } from "@tidemark/gateway";
import { type EventLog, LogUnavailable, type LogRecord } from "@tidemark/streams";
import { describe, expect, test } from "vitest";
import { openRig, PARTITIONS, type Rig, untilAsync, withAppend, wallClock } from "./rig.ts";

const digestOf = (name: string): string => createHash("sha256").update(name).digest("hex");

const purchaseItem = (index: number, customers = 7): Extract<ImportItem, { type: "purchase" }> => ({
  type: "purchase",
  record: {
    eventId: `row-${index}`,
    customerId: `c${index % customers}`,
    occurredAt: Date.UTC(1997, 0, 1) + index * 3_600_000,
    source: "file",
    attributes: {},
    kind: "PURCHASE",
    orderId: null,
    amountMinor: 1000 + index,
    marginMinor: null,
    discountMinor: null,
    currency: "USD",
    quantity: null,
    category: null,
    channel: null,
    dueAt: null,
    originalOccurredAt: null,
    acquisitionChannel: null,
    acquisitionCostMinor: null,
  },
});

const tickItem = (at: number): ImportItem => ({ type: "tick", at });

const DAY_MS = 86_400_000;
/** Purchases with a tick after every tenth. */
const daysOf = (days: number): ImportItem[] =>
  Array.from({ length: days }, (_, day) => [
    ...Array.from({ length: 10 }, (_unused, index) => purchaseItem(day * 10 + index)),
    tickItem(Date.UTC(1997, 0, 2) + day * DAY_MS - 1),
  ]).flat();

type Read = Pick<LogRecord, "appendedAt" | "value"> & { readonly partition: number };

async function readAll(rig: Rig, topic: string): Promise<Read[]> {
  const slices = await rig.log.fetch(
    Array.from({ length: PARTITIONS }, (_, partition) => ({ topic, partition, offset: 0 })),
    { bytesMaxPerPartition: 50_000_000, waitMsMax: 0, signal: new AbortController().signal },
  );
  return slices.flatMap(({ records, partition }) =>
    records.map(({ appendedAt, value }) => ({ appendedAt, value, partition })),
  );
}

const rowsIn = async (rig: Rig): Promise<string[]> =>
  (await readAll(rig, rig.contracts.topics.purchases)).map(
    (record) => rig.contracts.codecs.purchases.decode(record.value ?? new Uint8Array()).eventId,
  );

const targetOver = (rig: Rig, log: EventLog = rig.log): ImportTarget =>
  createImportTarget({ log, contracts: rig.contracts, clock: wallClock, partitions: PARTITIONS });

/** Sends a file in chunks, asking for the place after each failure, as the importer does. */
async function importAll(
  target: () => ImportTarget,
  digest: string,
  items: readonly ImportItem[],
  chunk: number,
): Promise<number> {
  let failures = 0;
  for (;;) {
    try {
      const current = target();
      for (;;) {
        const { itemsDone, complete } = await current.progress(digest);
        if (complete) return failures;
        const next = items.slice(itemsDone, itemsDone + chunk);
        await current.append({
          digest,
          from: itemsDone,
          items: next,
          complete: itemsDone + next.length === items.length,
        });
      }
    } catch (error) {
      if (!(error instanceof LogUnavailable)) throw error;
      failures++;
    }
  }
}

describe("an import", () => {
  test("stores every row once, and says how far it is", async () => {
    await using rig = await openRig();
    const target = targetOver(rig);
    const digest = digestOf("one");
    expect(await target.progress(digest)).toEqual({ itemsDone: 0, complete: false });
    const items = Array.from({ length: 12_000 }, (_, index) => purchaseItem(index));
    await target.append({ digest, from: 0, items: items.slice(0, 7000), complete: false });
    expect(await target.progress(digest)).toEqual({ itemsDone: 7000, complete: false });
    await target.append({ digest, from: 7000, items: items.slice(7000), complete: true });
    expect(await target.progress(digest)).toEqual({ itemsDone: 12_000, complete: true });
    // The ledger is in the log: another process knows it too.
    expect(await targetOver(rig).progress(digest)).toEqual({ itemsDone: 12_000, complete: true });

    const rows = await rowsIn(rig);
    expect(rows).toHaveLength(12_000);
    expect(new Set(rows).size).toBe(12_000);
  });

  test("of a file that is empty is complete all the same", async () => {
    await using rig = await openRig();
    const target = targetOver(rig);
    await target.append({ digest: digestOf("empty"), from: 0, items: [], complete: true });
    expect(await target.progress(digestOf("empty"))).toEqual({ itemsDone: 0, complete: true });
  });

  test("goes on where the ledger holds a record that cannot be read", async () => {
    await using rig = await openRig();
    const target = targetOver(rig);
    const digest = digestOf("foreign");
    await target.append({ digest, from: 0, items: [purchaseItem(1)], complete: false });
    const topic = rig.contracts.topics.imports;
    const records = [{ key: Buffer.from(digest), value: Buffer.from("not Avro") }];
    await rig.log.append([{ topic, partition: 0, records }]);
    expect(await target.progress(digest)).toEqual({ itemsDone: 1, complete: false });
    await target.append({ digest, from: 1, items: [purchaseItem(2)], complete: true });
    expect(await targetOver(rig).progress(digest)).toEqual({ itemsDone: 2, complete: true });
  });

  test("is not repeated, nor begun in the middle", async () => {
    await using rig = await openRig();
    const target = targetOver(rig);
    const digest = digestOf("two");
    const items = [purchaseItem(1), purchaseItem(2)];
    await target.append({ digest, from: 0, items, complete: true });
    for (const from of [0, 1, 2, 3]) {
      await expect(target.append({ digest, from, items, complete: true })).rejects.toMatchObject({
        code: "IMPORT_CONFLICT",
        status: { itemsDone: 2, complete: true },
      });
    }
    expect(await rowsIn(rig)).toHaveLength(2);
  });

  test("stores every row once whatever is interrupted, applied or not, known or not", async () => {
    await using rig = await openRig();
    let state = 99;
    const random = (): number => {
      state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
      return state / 2 ** 32;
    };
    /** Loses appends before and after they were stored. */
    const losing = withAppend(rig.log, async (batches, options) => {
      const fate = random();
      if (fate < 0.15) throw new LogUnavailable("lost on the way there");
      const appended = await rig.log.append(batches, options);
      if (fate < 0.3) throw new LogUnavailable("lost on the way back");
      return appended;
    });
    const items = daysOf(60);
    let target = targetOver(rig, losing);
    const failures = await importAll(
      () => {
        // Now and then the process has died too.
        if (random() < 0.5) target = targetOver(rig, losing);
        return target;
      },
      digestOf("interrupted"),
      items,
      37,
    );
    expect(failures).toBeGreaterThan(10);
    expect((await rowsIn(rig)).toSorted()).toEqual(
      Array.from({ length: 600 }, (_, index) => `row-${index}`).toSorted(),
    );
    expectTicksInPlace(await timeline(rig), items);
  });

  test("moves time between the purchases before and after each tick, in every partition", async () => {
    await using rig = await openRig();
    const items = daysOf(5);
    await targetOver(rig).append({ digest: digestOf("ticks"), from: 0, items, complete: false });
    // Another process goes on, which has seen none of these appends.
    await targetOver(rig).append({
      digest: digestOf("ticks"),
      from: items.length,
      items: [tickItem(Date.UTC(1997, 0, 9))],
      complete: true,
    });
    expectTicksInPlace(await timeline(rig), [...items, tickItem(Date.UTC(1997, 0, 9))]);
  });

  test("shows nobody the purchases of a day without the tick that ends it", async () => {
    await using rig = await openRig();
    await targetOver(rig).append({ digest: digestOf("days"), from: 0, items: daysOf(5), complete: true });
    const times = new Set((await timeline(rig)).map(({ at }) => at));
    expect(times.size).toBe(5);
  });
});

/** Purchases and ticks by append time, as a task merges them; ticks of one time once for each partition. */
async function timeline(
  rig: Rig,
): Promise<{ readonly at: number; readonly name: string; readonly partition: number }[]> {
  const { topics, codecs } = rig.contracts;
  const purchases = (await readAll(rig, topics.purchases)).map(({ appendedAt, partition, value }) => ({
    at: appendedAt,
    partition,
    name: codecs.purchases.decode(value ?? new Uint8Array()).eventId,
  }));
  const ticks = (await readAll(rig, topics.ticks)).map(({ appendedAt, partition, value }) => ({
    at: appendedAt,
    partition,
    name: `tick-${codecs.ticks.decode(value ?? new Uint8Array()).at}`,
  }));
  return [...purchases, ...ticks];
}

function expectTicksInPlace(entries: Awaited<ReturnType<typeof timeline>>, items: readonly ImportItem[]): void {
  const names = items.map((item) => (item.type === "tick" ? `tick-${item.at}` : item.record.eventId));
  const atOf = Map.groupBy(entries, (entry) => entry.name);
  let before = -1;
  let newest = -1;
  for (const [index, name] of names.entries()) {
    const found = atOf.get(name) ?? [];
    const isTick = items[index]?.type === "tick";
    expect(found).toHaveLength(isTick ? PARTITIONS : 1);
    // Of one append time ticks come last.
    for (const { at } of found) expect(at).toBeGreaterThanOrEqual(isTick ? Math.max(newest, before + 1) : before + 1);
    newest = Math.max(newest, ...found.map(({ at }) => at));
    if (isTick) before = newest;
  }
}

describe("over HTTP", () => {
  const linesOf = (items: readonly ImportItem[]): string =>
    items.map((item) => JSON.stringify(item.type === "tick" ? item : { type: "purchase", ...item.record })).join("\n");
  const send = (rig: Rig, digest: string, query: string, body: string): Promise<Response> =>
    rig.call(`/v1/imports/${digest}?${query}`, {
      method: "POST",
      body,
      headers: { "content-type": "application/x-ndjson" },
    });
  const digest = digestOf("http");

  test("a file goes in chunk by chunk, ticks included, and no chunk twice", async () => {
    await using rig = await openRig({ config: { clock: "event" } });
    const items = daysOf(4);
    expect(await (await rig.call(`/v1/imports/${digest}`)).json()).toEqual({ itemsDone: 0, complete: false });
    const first = await send(rig, digest, "from=0", linesOf(items.slice(0, 20)));
    expect(await first.json()).toEqual({ itemsDone: 20, complete: false });
    const again = await send(rig, digest, "from=0", linesOf(items.slice(0, 20)));
    expect(again.status).toBe(409);
    expect(await again.json()).toMatchObject({ code: "IMPORT_CONFLICT", itemsDone: 20, complete: false });
    const rest = await send(rig, digest, "from=20&complete=true", linesOf(items.slice(20)));
    expect(await rest.json()).toEqual({ itemsDone: items.length, complete: true });
    expectTicksInPlace(await timeline(rig), items);
  });

  test.each(["wall", "event"] as const)(
    "who sends a file is told by which rules its rows are read (%s)",
    async (clock) => {
      await using rig = await openRig({ config: { clock } });
      expect(await (await rig.call("/v1/imports")).json()).toEqual({ currency: "EUR", timeZone: "UTC", clock });
    },
  );

  test("one wrong item keeps the whole chunk out", async () => {
    await using rig = await openRig();
    const body = `${linesOf([purchaseItem(1)])}\n{"type":"purchase"}`;
    const response = await send(rig, digest, "from=0", body);
    expect(response.status).toBe(422);
    expect(await response.json()).toMatchObject({
      code: "ITEM_INVALID",
      rejected: [{ index: 1, code: "MISSING_FIELD" }],
    });
    expect(await rowsIn(rig)).toEqual([]);
  });

  test("ticks are refused where time is the clock's", async () => {
    await using rig = await openRig();
    const response = await send(rig, digest, "from=0", '{"type":"tick","at":1}');
    expect(await response.json()).toMatchObject({ rejected: [{ index: 0, code: "CLOCK_MODE" }] });
  });

  test("a tick cannot move time out of the years that a time can be in", async () => {
    await using rig = await openRig({ config: { clock: "event" } });
    for (const at of [-1, TIME_MS_MAX + 1, Number.MAX_SAFE_INTEGER, "+010000-01-01T00:00:00Z"]) {
      const response = await send(rig, digest, "from=0", JSON.stringify({ type: "tick", at }));
      expect(response.status).toBe(422);
      expect(await response.json()).toMatchObject({ rejected: [{ index: 0, code: "TIME_INVALID", path: "/at" }] });
    }
    expect((await send(rig, digest, "from=0", linesOf([tickItem(TIME_MS_MAX)]))).status).toBe(200);
  });

  test("what is no digest, no count or no NDJSON is refused", async () => {
    await using rig = await openRig();
    expect((await rig.call("/v1/imports/abc")).status).toBe(400);
    expect((await send(rig, digest, "from=-1", "")).status).toBe(400);
    expect((await send(rig, digest, "", "")).status).toBe(400);
    expect((await send(rig, digest, "from=0&complete=maybe", "")).status).toBe(400);
    const json = await rig.call(`/v1/imports/${digest}?from=0`, {
      method: "POST",
      body: "[]",
      headers: { "content-type": "application/json" },
    });
    expect(json.status).toBe(415);
  });

  test("chunks are not held beyond a bound, also where their senders have gone", async () => {
    const stored = Promise.withResolvers<void>();
    await using rig = await openRig({
      wrapLog: (log) =>
        withAppend(log, async (batches, options) => {
          await stored.promise;
          return log.append(batches, options);
        }),
    });
    const leaving = new AbortController();
    const sendAnother = (index: number, signal: AbortSignal | null): Promise<Response> =>
      rig.call(`/v1/imports/${digestOf(`file ${index}`)}?from=0`, {
        method: "POST",
        body: linesOf([purchaseItem(index)]),
        headers: { "content-type": "application/x-ndjson" },
        signal,
      });
    const sent = Array.from({ length: 8 }, (_, index) => sendAnother(index, leaving.signal).catch(() => null));
    await untilAsync(async () => (await sendAnother(8, AbortSignal.timeout(100)).catch(() => null))?.status === 503);
    leaving.abort();
    await Promise.all(sent);
    const refused = await sendAnother(9, null);
    expect(refused.headers.get("retry-after")).toBe("1");
    expect(await refused.json()).toMatchObject({ status: 503, code: "BUSY" });
    stored.resolve();
    await untilAsync(async () => (await sendAnother(10, null)).status === 200);
  });

  test("a body may be larger than that of events, and has its own bound", async () => {
    await using rig = await openRig();
    const items = Array.from({ length: 15_000 }, (_, index) => purchaseItem(index));
    expect((await send(rig, digest, "from=0", linesOf(items))).status).toBe(200);
    expect((await send(rig, digest, "from=15000", "x".repeat(9_000_000))).status).toBe(413);
  });
});

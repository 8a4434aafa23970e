import type { EventLog } from "@tidemark/streams";
import { BATCH_BYTES_MAX, InvariantBroken, OffsetOutOfRange, TaskFenced, TopicMismatch } from "@tidemark/streams";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  batch,
  createTopic,
  deleteTopic,
  fetchFrom,
  fetchOne,
  readAll,
  record,
  records,
  shown,
  type LogUnderTest,
  type OpenLog,
} from "./log-under-test.ts";

/**
 * The promises of {@link EventLog}, L1 to L7, against the port only: every implementation passes it. The suite
 * uses topics of its own on one log, so that a broker with other topics will do.
 */
export function eventLogConformance(name: string, open: OpenLog): void {
  describe(`${name} keeps the promises of an EventLog`, () => {
    let under: LogUnderTest;
    let log: EventLog;

    beforeAll(async () => {
      under = await open();
      log = under.log;
    });
    afterAll(() => under.dispose());

    const reopen = async (): Promise<void> => {
      under = await under.reopen();
      log = under.log;
    };

    describe("topics", () => {
      it("lists what was created, and creates it once", async () => {
        const topic = await createTopic(log, 3);
        await log.createTopics([deleteTopic(topic, 3)]);
        const found = (await log.topics()).filter((spec) => spec.name === topic);
        expect(found).toEqual([deleteTopic(topic, 3)]);
      });

      it("refuses another partition count, and leaves the topic as it is", async () => {
        const topic = await createTopic(log, 3);
        await expect(log.createTopics([deleteTopic(topic, 4)])).rejects.toThrow(TopicMismatch);
        expect(await log.offsets(topic, 2)).toEqual({ start: 0, end: 0 });
      });

      it("knows no topic that was not created", async () => {
        await expect(log.append([batch("conformance-nowhere", 0, records("a", 1))])).rejects.toThrow(TopicMismatch);
        await expect(fetchOne(log, "conformance-nowhere", 0, 0)).rejects.toThrow(TopicMismatch);
        await expect(log.offsets("conformance-nowhere", 0)).rejects.toThrow(TopicMismatch);
      });
    });

    describe("L1: an append is whole and in order", () => {
      it("stores batches of several topics and partitions at the offsets and the time it tells", async () => {
        const [a, b] = [await createTopic(log, 2), await createTopic(log, 1)];
        const before = await log.append([batch(a, 1, records("before", 2))]);
        const appended = await log.append([
          batch(a, 1, records("one", 3)),
          batch(b, 0, records("two", 2)),
          batch(a, 0, records("three", 1)),
        ]);
        const [first = -1, ...others] = appended.offsetsBase;
        expect(first).toBeGreaterThanOrEqual((before.offsetsBase[0] ?? Infinity) + 2);
        expect(others).toEqual([0, 0]);
        const one = await readAll(log, a, 1, { offset: first });
        expect(one.map(shown)).toEqual(records("one", 3).map(shown));
        expect(one.map(({ offset }) => offset)).toEqual([first, first + 1, first + 2]);
        const [two, three] = [await readAll(log, b, 0), await readAll(log, a, 0)];
        expect(two.map(shown)).toEqual(records("two", 2).map(shown));
        expect(three.map(shown)).toEqual(records("three", 1).map(shown));
        const times = [...one, ...two, ...three].map(({ appendedAt }) => appendedAt);
        expect(Math.max(...times)).toBe(appended.appendedAt);
        expect(Math.min(...times)).toBeGreaterThanOrEqual(before.appendedAt);
      });

      it("gives two batches of one partition in one append consecutive offsets", async () => {
        const topic = await createTopic(log);
        const { offsetsBase } = await log.append([batch(topic, 0, records("a", 3)), batch(topic, 0, records("b", 2))]);
        expect(offsetsBase).toEqual([0, 3]);
        expect((await readAll(log, topic, 0)).map(shown)).toEqual([...records("a", 3), ...records("b", 2)].map(shown));
      });

      it("never mixes the records of appends made at the same time", async () => {
        const topic = await createTopic(log);
        const names = Array.from({ length: 40 }, (_, index) => `append-${index}`);
        const appended = await Promise.all(names.map((each) => log.append([batch(topic, 0, records(each, 7))])));
        const all = await readAll(log, topic, 0);
        expect(all).toHaveLength(40 * 7);
        for (const [index, { offsetsBase }] of appended.entries()) {
          const [base = -1] = offsetsBase;
          const own = all.filter(({ offset }) => offset >= base && offset < base + 7);
          expect(own.map(shown)).toEqual(records(names[index] ?? "", 7).map(shown));
        }
      });

      it("keeps the order of one writer's commits", async () => {
        const topic = await createTopic(log);
        const writer = await log.openWriter(`${topic}-writer`);
        for (let turn = 0; turn < 10; turn += 1) await writer.commit([batch(topic, 0, records(`turn-${turn}`, 2))]);
        await writer.close();
        const expected = Array.from({ length: 10 }, (_, turn) => records(`turn-${turn}`, 2)).flat();
        expect((await readAll(log, topic, 0)).map(shown)).toEqual(expected.map(shown));
      });

      it("keeps keys and values byte for byte, null and empty ones too, and text as UTF-8", async () => {
        const topic = await createTopic(log);
        const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
        const content = [
          { key: null, value: null },
          { key: new Uint8Array(0), value: new Uint8Array(0) },
          { key: bytes, value: null },
          { key: null, value: bytes },
          { key: "Müller 🙂", value: bytes },
        ];
        await log.append([batch(topic, 0, content)]);
        const read = await readAll(log, topic, 0);
        const plain = (field: Uint8Array | string | null): number[] | null =>
          field === null ? null : [...Buffer.from(field)];
        expect(read.map(({ key, value }) => [plain(key), plain(value)])).toEqual(
          content.map(({ key, value }) => [plain(key), plain(value)]),
        );
      });

      it("takes a batch of the largest size and refuses a larger one", async () => {
        const topic = await createTopic(log);
        const largest = { key: null, value: Buffer.alloc(BATCH_BYTES_MAX, 7) };
        await log.append([batch(topic, 0, [largest])]);
        const tooLarge = { key: Buffer.from("k"), value: largest.value };
        await expect(log.append([batch(topic, 0, [tooLarge])])).rejects.toThrow(InvariantBroken);
        const read = await readAll(log, topic, 0);
        expect(read.map(({ value }) => value?.length)).toEqual([BATCH_BYTES_MAX]);
      });

      it("makes callers wait rather than lose anything when far more comes than it holds", async () => {
        const topic = await createTopic(log, 4);
        const appends = Array.from({ length: 120 }, (_, index) =>
          log.append([batch(topic, index % 4, records(`append-${index}`, 4, 75_000))]),
        );
        const appended = await Promise.all(appends);
        for (let partition = 0; partition < 4; partition += 1) {
          const bases = appended
            .filter((_, index) => index % 4 === partition)
            .map(({ offsetsBase }) => offsetsBase[0] ?? -1);
          const read = await readAll(log, topic, partition);
          expect(read).toHaveLength(120);
          // In the order in which they were called, each in one piece.
          expect(bases.flatMap((base) => [base, base + 1, base + 2, base + 3])).toEqual(
            read.map(({ offset }) => offset),
          );
        }
      });
    });

    describe("L2: what was answered is stored", () => {
      it("has every record at its offset and time after it was closed and opened again", async () => {
        const topic = await createTopic(log, 2);
        const writer = await log.openWriter(`${topic}-writer`);
        await log.append([batch(topic, 0, records("a", 50)), batch(topic, 1, [record("k", null)])]);
        await writer.commit([batch(topic, 0, records("b", 5))]);
        const before = [await readAll(log, topic, 0), await readAll(log, topic, 1)];
        await reopen();
        const after = [await readAll(log, topic, 0), await readAll(log, topic, 1)];
        expect(after.map(comparable)).toEqual(before.map(comparable));
        expect(before[0]).toHaveLength(55);
        const { start, end } = await log.offsets(topic, 0);
        expect(start).toBe(0);
        expect(end).toBeGreaterThan(after[0]?.at(-1)?.offset ?? Infinity);
        const { offsetsBase, appendedAt } = await log.append([batch(topic, 0, records("c", 1))]);
        expect(offsetsBase[0]).toBeGreaterThanOrEqual(end);
        expect(appendedAt).toBeGreaterThanOrEqual(before[0]?.at(-1)?.appendedAt ?? Infinity);
      });

      it("stores what was appended while it was being closed, or says that it did not", async () => {
        const topic = await createTopic(log);
        const appends = Array.from({ length: 20 }, (_, index) =>
          log.append([batch(topic, 0, records(`a${index}`, 1))]),
        );
        const settled = Promise.allSettled(appends);
        await reopen();
        const stored = (await settled).filter(({ status }) => status === "fulfilled").length;
        expect(await readAll(log, topic, 0)).toHaveLength(stored);
      });
    });

    describe("L3: offsets and append times", () => {
      it("rise, and do not fall, over appends to many partitions at once", async () => {
        const topic = await createTopic(log, 3);
        await Promise.all(
          Array.from({ length: 60 }, (_, index) => log.append([batch(topic, index % 3, records(`${index}`, 2))])),
        );
        for (let partition = 0; partition < 3; partition += 1) {
          const read = await readAll(log, topic, partition);
          expect(read).toHaveLength(40);
          const offsets = read.map(({ offset }) => offset);
          expect(offsets).toEqual([...new Set(offsets)].sort((a, b) => a - b));
          const times = read.map(({ appendedAt }) => appendedAt);
          expect(times).toEqual([...times].sort((a, b) => a - b));
        }
      });

      it("puts an append after the time asked for", async () => {
        const topic = await createTopic(log, 2);
        const first = await log.append([batch(topic, 0, records("a", 1))]);
        const second = await log.append([batch(topic, 1, records("b", 1))], { after: first.appendedAt });
        expect(second.appendedAt).toBeGreaterThan(first.appendedAt);
      });
    });

    describe("L4: readers", () => {
      it("see each record once and in order, wherever they begin and however little they take", async () => {
        const topic = await createTopic(log);
        for (let index = 0; index < 8; index += 1) await log.append([batch(topic, 0, records(`a${index}`, 11, 40))]);
        const all = await readAll(log, topic, 0);
        expect(all).toHaveLength(88);
        for (const bytesMax of [1, 100, 777, 5_000]) {
          for (const offset of [0, 1, 10, 11, 12, 50, 87]) {
            const read = await readAll(log, topic, 0, { offset, bytesMax });
            expect(comparable(read)).toEqual(comparable(all.filter((each) => each.offset >= offset)));
          }
        }
      });

      it("get at most the bytes they asked for, and at least one record", async () => {
        const topic = await createTopic(log);
        await log.append([batch(topic, 0, records("a", 20, 100))]);
        const { end } = await log.offsets(topic, 0);
        const one = await fetchOne(log, topic, 0, 3, { bytesMax: 1 });
        expect(one.records.map(({ offset }) => offset)).toEqual([3]);
        expect(one.offsetNext).toBe(4);
        const some = await fetchOne(log, topic, 0, 3, { bytesMax: 550 });
        const bytes = some.records.reduce((sum, { key, value }) => sum + (key?.length ?? 0) + (value?.length ?? 0), 0);
        expect(bytes).toBeLessThanOrEqual(550);
        expect(some.records.length).toBeGreaterThan(1);
        expect(some.offsetNext).toBe(3 + some.records.length);
        expect(some.offsetEnd).toBe(end);
      });

      it("get one slice a position, in the order of the positions", async () => {
        const topic = await createTopic(log, 3);
        await log.append([batch(topic, 2, records("two", 1)), batch(topic, 0, records("zero", 2))]);
        for (const partition of [0, 2]) await log.offsets(topic, partition); // Both are visible now.
        const wanted = [2, 1, 0].map((partition) => ({ topic, partition, offset: 0 }));
        const slices = await fetchFrom(log, wanted);
        expect(slices.map(({ partition, records: read }) => [partition, read.length])).toEqual([
          [2, 1],
          [1, 0],
          [0, 2],
        ]);
      });

      it("that follow the end while many write see every record once", async () => {
        const topic = await createTopic(log, 2);
        const total = 300;
        const follow = async (partition: number): Promise<string[]> => {
          const seen: string[] = [];
          for (let offset = 0; seen.length < total / 2;) {
            const slice = await fetchOne(log, topic, partition, offset, { waitMs: 5_000, bytesMax: 500 });
            seen.push(...slice.records.map((each) => shown(each)[1] ?? ""));
            offset = slice.offsetNext;
          }
          return seen;
        };
        const followers = [follow(0), follow(0), follow(1)];
        const writing = Array.from({ length: total }, (_, index) =>
          log.append([batch(topic, index % 2, [record("k", `v${index}`)])]),
        );
        await Promise.all(writing);
        const even = Array.from({ length: total / 2 }, (_, index) => `v${index * 2}`);
        const odd = Array.from({ length: total / 2 }, (_, index) => `v${index * 2 + 1}`);
        expect(await Promise.all(followers)).toEqual([even, even, odd]);
      });
    });

    describe("a fetch that finds nothing", () => {
      it("answers at once if it may not wait", async () => {
        const topic = await createTopic(log);
        const slice = await fetchOne(log, topic, 0, 0, { waitMs: 0 });
        expect(slice).toMatchObject({ records: [], offsetNext: 0, offsetEnd: 0 });
      });

      it("waits as long as it was told, not much less and not for ever", async () => {
        const topic = await createTopic(log);
        const start = performance.now();
        const slice = await fetchOne(log, topic, 0, 0, { waitMs: 120 });
        expect(slice.records).toEqual([]);
        expect(performance.now() - start).toBeGreaterThan(100);
      });

      it("is woken by a record for any of its positions", async () => {
        const topic = await createTopic(log, 3);
        const positions = [0, 1, 2].map((partition) => ({ topic, partition, offset: 0 }));
        const start = performance.now();
        const waiting = fetchFrom(log, positions, { waitMs: 30_000 });
        await log.append([batch(topic, 1, records("a", 2))]);
        const slices = await waiting;
        expect(slices.map(({ records: read }) => read.length)).toEqual([0, 2, 0]);
        expect(performance.now() - start).toBeLessThan(10_000);
      });

      it("is woken by a commit", async () => {
        const topic = await createTopic(log);
        const writer = await log.openWriter(`${topic}-writer`);
        const waiting = fetchOne(log, topic, 0, 0, { waitMs: 30_000 });
        await writer.commit([batch(topic, 0, records("a", 2))]);
        expect((await waiting).records).toHaveLength(2);
      });

      it("ends when it is no longer wanted", async () => {
        const topic = await createTopic(log);
        const controller = new AbortController();
        const start = performance.now();
        const waiting = fetchOne(log, topic, 0, 0, { waitMs: 30_000, signal: controller.signal });
        await log.append([batch(await createTopic(log), 0, records("elsewhere", 1))]);
        controller.abort();
        await Promise.allSettled([waiting]);
        expect(performance.now() - start).toBeLessThan(10_000);
      });
    });

    describe("L5: fencing", () => {
      it("refuses the commits of a writer whose id was opened again", async () => {
        const topic = await createTopic(log);
        const id = `${topic}-writer`;
        const old = await log.openWriter(id);
        await old.commit([batch(topic, 0, records("old", 1))]);
        const newer = await log.openWriter(id);
        await expect(old.commit([batch(topic, 0, records("zombie", 1))])).rejects.toThrow(TaskFenced);
        await newer.commit([batch(topic, 0, records("newer", 1))]);
        const values = (await readAll(log, topic, 0)).map((each) => shown(each)[1]);
        expect(values).toEqual([...records("old", 1), ...records("newer", 1)].map((each) => shown(each)[1]));
      });

      it("does not touch writers of other ids", async () => {
        const topic = await createTopic(log);
        const one = await log.openWriter(`${topic}-one`);
        const two = await log.openWriter(`${topic}-two`);
        await one.commit([batch(topic, 0, records("one", 1))]);
        await two.commit([batch(topic, 0, records("two", 1))]);
        expect(await readAll(log, topic, 0)).toHaveLength(2);
      });

      it("lets only the last of several openers commit", async () => {
        const topic = await createTopic(log);
        const id = `${topic}-writer`;
        const opened = await Promise.allSettled([log.openWriter(id), log.openWriter(id), log.openWriter(id)]);
        const last = await log.openWriter(id);
        for (const each of opened) {
          if (each.status === "rejected") continue;
          await expect(each.value.commit([batch(topic, 0, records("early", 1))])).rejects.toThrow(TaskFenced);
        }
        await last.commit([batch(topic, 0, records("last", 1))]);
        expect(await readAll(log, topic, 0)).toHaveLength(1);
      });

      it("once a writer is open, nothing of an earlier one appears any more, whatever was on its way", async () => {
        const topic = await createTopic(log, 2);
        const id = `${topic}-writer`;
        const outcomes = { visible: 0, fenced: 0 };
        for (let round = 0; round < 20; round += 1) {
          const old = await log.openWriter(id);
          // Others keep the log busy, so that the commit is queued or in flight when the new writer comes.
          const noise = Array.from({ length: 3 }, () => log.append([batch(topic, 1, records("noise", 50, 1_000))]));
          if (round % 2 === 0) await noise[0];
          const committing = old.commit([batch(topic, 0, [record("k", `round-${round}`)])]);
          const outcome = committing.then(
            () => "visible" as const,
            (error: unknown) => (error instanceof TaskFenced ? ("fenced" as const) : ("unknown" as const)),
          );
          if (round % 3 === 0) await Promise.race([outcome, Promise.resolve()]);
          const newer = await log.openWriter(id);
          const { end } = await log.offsets(topic, 0);
          const there = (await readAll(log, topic, 0)).some((each) => shown(each)[1] === `round-${round}`);
          const told = await outcome;
          if (told !== "unknown") {
            expect(there).toBe(told === "visible");
            outcomes[told] += 1;
          }
          await Promise.all(noise);
          expect(await log.offsets(topic, 0)).toEqual({ start: 0, end });
          await newer.close();
        }
        expect(outcomes.visible + outcomes.fenced).toBeGreaterThan(0);
      });

      it("a writer that was closed commits no more", async () => {
        const topic = await createTopic(log);
        const writer = await log.openWriter(`${topic}-writer`);
        await writer.close();
        await expect(writer.commit([batch(topic, 0, records("late", 1))])).rejects.toThrow(TaskFenced);
        expect(await log.offsets(topic, 0)).toEqual({ start: 0, end: 0 });
      });
    });

    describe("L6: what an answer says of the future", () => {
      it("no later record is older than the time up to which a slice is complete", async () => {
        const topic = await createTopic(log, 2);
        const promised: { offset: number; completeTo: number; partition: number }[] = [];
        const written = new AbortController();
        const watch = async (): Promise<void> => {
          const offsets = [0, 0];
          while (!written.signal.aborted) {
            const positions = offsets.map((offset, partition) => ({ topic, partition, offset }));
            for (const slice of await fetchFrom(log, positions, { waitMs: 1, bytesMax: 200 })) {
              promised.push({ offset: slice.offsetNext, completeTo: slice.completeTo, partition: slice.partition });
              offsets[slice.partition] = slice.offsetNext;
            }
          }
        };
        const watching = watch();
        for (let index = 0; index < 150; index += 1) {
          const appended = log.append([batch(topic, index % 2, records(`a${index}`, 2))]);
          if (index % 5 !== 0) await appended;
          if (index % 20 === 0) await fetchOne(log, topic, 0, 0);
        }
        written.abort();
        await watching;
        expect(promised.length).toBeGreaterThan(20);
        for (const partition of [0, 1]) {
          const all = await readAll(log, topic, partition);
          for (const { offset, completeTo } of promised.filter((each) => each.partition === partition)) {
            const next = all.find((each) => each.offset >= offset);
            if (next !== undefined) expect(next.appendedAt + (under.lateMsMax ?? 0)).toBeGreaterThanOrEqual(completeTo);
          }
        }
      });

      it("where the end was not reached it is the time of the last record returned", async () => {
        const topic = await createTopic(log);
        await log.append([batch(topic, 0, records("a", 2))]);
        await log.append([batch(topic, 0, records("b", 2))]);
        await log.offsets(topic, 0); // Both are visible now.
        const slice = await fetchOne(log, topic, 0, 0, { bytesMax: 1 });
        expect(slice.completeTo).toBe(slice.records.at(-1)?.appendedAt);
      });

      it("at the end of an idle partition it passes what was appended to another", async () => {
        const topic = await createTopic(log, 2);
        const { appendedAt } = await log.append([batch(topic, 0, records("a", 1))]);
        let completeTo = -Infinity;
        for (let attempt = 0; completeTo <= appendedAt && attempt < 1_000; attempt += 1) {
          ({ completeTo } = await fetchOne(log, topic, 1, 0, { waitMs: 5 }));
        }
        expect(completeTo).toBeGreaterThan(appendedAt);
      });
    });

    describe("L7: positions out of range", () => {
      it("are refused past the end and before the start, and taken at the end", async () => {
        const topic = await createTopic(log);
        await log.append([batch(topic, 0, records("a", 3))]);
        const { end } = await log.offsets(topic, 0);
        await expect(fetchOne(log, topic, 0, end + 1)).rejects.toThrow(OffsetOutOfRange);
        await expect(fetchOne(log, topic, 0, -1)).rejects.toThrow(OffsetOutOfRange);
        expect((await fetchOne(log, topic, 0, end)).records).toEqual([]);
      });

      it("refuse the whole fetch, though other positions are in range", async () => {
        const topic = await createTopic(log, 2);
        await log.append([batch(topic, 0, records("a", 3))]);
        const positions = [
          { topic, partition: 0, offset: 0 },
          { topic, partition: 1, offset: 1 },
        ];
        await expect(fetchFrom(log, positions, { waitMs: 100 })).rejects.toThrow(OffsetOutOfRange);
      });
    });

    it("can be closed twice", async () => {
      const other = await open();
      await other.log.close();
      await expect(other.log.close()).resolves.toBeUndefined();
      await other.dispose();
    });
  });
}

function comparable(read: Awaited<ReturnType<typeof readAll>>): readonly (readonly unknown[])[] {
  return read.map((each) => [each.offset, each.appendedAt, ...shown(each)]);
}

import type { EventLog, RecordToAppend } from "@tidemark/streams";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { batch, createTopic, fetchOne, shown, type LogUnderTest, type OpenLog } from "./log-under-test.ts";

/**
 * Whatever is appended, committed, fetched and reopened, in whatever order: an array a partition tells the same.
 * @param runs of the property; a broker takes fewer
 */
export function eventLogModelConformance(name: string, open: OpenLog, runs: number): void {
  describe(`${name} and plain arrays`, () => {
    it(`agree over ${runs} random histories`, { timeout: 120_000 }, async () => {
      let under = await open();
      try {
        await fc.assert(
          fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 40 }), async (steps) => {
            const history = await History.begin(under);
            for (const each of steps) await history.take(each);
            await history.check();
            under = history.under;
          }),
          { numRuns: runs },
        );
      } finally {
        await under.dispose();
      }
    });
  });
}

const TOPICS = 2;
const PARTITIONS = 3;

const field = fc.option(fc.uint8Array({ maxLength: 40 }), { nil: null, freq: 6 });
const keys = fc.oneof(field, fc.string({ unit: "grapheme", maxLength: 40 }));
const content = fc.array(fc.record({ key: keys, value: field }), { minLength: 1, maxLength: 12 });
const place = fc.record({ topic: fc.nat(TOPICS - 1), partition: fc.nat(PARTITIONS - 1) });
const batches = fc.array(fc.tuple(place, content), { minLength: 1, maxLength: 4 });

type Step =
  | { readonly kind: "append" | "commit" | "append-together"; readonly batches: readonly PlacedBatch[] }
  | { readonly kind: "fetch"; readonly place: Place; readonly from: number; readonly bytesMax: number }
  | { readonly kind: "open-writer" }
  | { readonly kind: "reopen" };
type Place = { readonly topic: number; readonly partition: number };
type PlacedBatch = readonly [Place, readonly RecordToAppend[]];

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constantFrom("append" as const, "commit" as const, "append-together" as const),
      batches,
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant("fetch" as const),
      place,
      from: fc.double({ min: 0, max: 1, noNaN: true }),
      bytesMax: fc.constantFrom(1, 30, 200, 5_000),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("open-writer" as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("reopen" as const) }) },
);

type Expected = {
  readonly record: RecordToAppend;
  readonly offset: number;
  /** Of the call; a record of another partition than the last may be older. */
  readonly appendedAtMax: number;
  /** As it was first read. */
  appendedAt: number | null;
};

/** One history on topics of its own, and the arrays beside it. */
class History {
  under: LogUnderTest;
  readonly #topics: readonly string[];
  readonly #expected = new Map<string, Expected[]>();
  #writer: Awaited<ReturnType<EventLog["openWriter"]>> | null = null;

  static async begin(under: LogUnderTest): Promise<History> {
    const topics: string[] = [];
    for (let index = 0; index < TOPICS; index += 1) topics.push(await createTopic(under.log, PARTITIONS));
    return new History(under, topics);
  }

  constructor(under: LogUnderTest, topics: readonly string[]) {
    this.under = under;
    this.#topics = topics;
  }

  async take(each: Step): Promise<void> {
    const { log } = this.under;
    if (each.kind === "fetch") {
      await this.#fetch(each.place, Math.round(each.from * this.#arrayOf(each.place).length), each.bytesMax);
    } else if (each.kind === "open-writer") {
      this.#writer = await log.openWriter(`${this.#topics[0] ?? ""}-writer`);
    } else if (each.kind === "reopen") {
      this.under = await this.under.reopen();
      this.#writer = null;
    } else if (each.kind === "append-together") {
      const appends = each.batches.map((one) => ({ one, appended: log.append(this.#located([one])) }));
      for (const { one, appended } of appends) this.#expect([one], await appended);
    } else if (each.kind === "append") {
      this.#expect(each.batches, await log.append(this.#located(each.batches)));
    } else {
      this.#writer ??= await log.openWriter(`${this.#topics[0] ?? ""}-writer`);
      this.#expect(each.batches, await this.#writer.commit(this.#located(each.batches)));
    }
  }

  /** Every partition from its start to its end. */
  async check(): Promise<void> {
    for (let topic = 0; topic < TOPICS; topic += 1) {
      for (let partition = 0; partition < PARTITIONS; partition += 1) {
        const array = this.#arrayOf({ topic, partition });
        for (let index = 0; index < array.length;) index += await this.#fetch({ topic, partition }, index, 100);
      }
    }
  }

  /** @param from index in the array; @returns how many were read */
  async #fetch(where: Place, from: number, bytesMax: number): Promise<number> {
    const [topic, array] = [this.#topics[where.topic] ?? "", this.#arrayOf(where)];
    const { start, end } = await this.under.log.offsets(topic, where.partition);
    expect(start).toBe(0);
    expect(end).toBeGreaterThanOrEqual(endOf(array));
    const offset = array[from]?.offset ?? endOf(array);
    const slice = await fetchOne(this.under.log, topic, where.partition, offset, { bytesMax });
    const { records: read, offsetNext, offsetEnd } = slice;
    expect(offsetEnd).toBe(end);
    expect(offsetNext).toBeLessThanOrEqual(end);
    expect(read.length).toBeGreaterThanOrEqual(Math.min(1, array.length - from));
    const expected = array.slice(from, from + read.length);
    expect(read.map((one) => [one.offset, ...shown(one)])).toEqual(
      expected.map((one) => [one.offset, ...shown(one.record)]),
    );
    // Nothing that was not returned is passed over.
    expect(offsetNext).toBeGreaterThanOrEqual(endOf(expected));
    expect(offsetNext).toBeLessThanOrEqual(array[from + read.length]?.offset ?? end);
    for (const [index, { appendedAt }] of read.entries()) {
      const one = expected[index] as Expected;
      one.appendedAt ??= appendedAt;
      expect(appendedAt).toBe(one.appendedAt);
      expect(appendedAt).toBeLessThanOrEqual(one.appendedAtMax);
      expect(appendedAt).toBeGreaterThanOrEqual(array[from + index - 1]?.appendedAt ?? -Infinity);
    }
    const bytes = read.reduce((sum, { key, value }) => sum + (key?.length ?? 0) + (value?.length ?? 0), 0);
    if (read.length > 1) expect(bytes).toBeLessThanOrEqual(bytesMax);
    return read.length;
  }

  #located(placed: readonly PlacedBatch[]) {
    return placed.map(([where, records]) => batch(this.#topics[where.topic] ?? "", where.partition, records));
  }

  #expect(placed: readonly PlacedBatch[], appended: Awaited<ReturnType<EventLog["append"]>>): void {
    for (const [index, [where, records]] of placed.entries()) {
      const array = this.#arrayOf(where);
      const base = appended.offsetsBase[index] ?? -1;
      expect(base).toBeGreaterThanOrEqual(endOf(array));
      const appendedAtMax = appended.appendedAt;
      array.push(...records.map((record, at) => ({ record, offset: base + at, appendedAtMax, appendedAt: null })));
    }
  }

  #arrayOf({ topic, partition }: Place): Expected[] {
    const key = `${topic}/${partition}`;
    const array = this.#expected.get(key) ?? [];
    this.#expected.set(key, array);
    return array;
  }
}

/** One past the newest. */
function endOf(array: readonly Expected[]): number {
  return (array.at(-1)?.offset ?? -1) + 1;
}

import { BATCH_BYTES_MAX, InvariantBroken, type PartitionBatch } from "@tidemark/streams";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { appendedOf, checkBatches, planOutgoing, type Landed, type Run } from "./outgoing.ts";

const batches: fc.Arbitrary<PartitionBatch[]> = fc.array(
  fc.record({
    topic: fc.constantFrom("a", "b"),
    partition: fc.nat(2),
    records: fc.array(
      fc.record({
        key: fc.constant(null),
        value: fc.integer({ min: 0, max: 200_000 }).map((bytes) => new Uint8Array(bytes)),
      }),
      { minLength: 1, maxLength: 4 },
    ),
  }),
  { minLength: 1, maxLength: 12 },
);

describe("a plan of what goes out", () => {
  it("has one run a partition and round, in order, and finds every batch where it landed", () => {
    fc.assert(
      fc.property(batches, (wanted) => {
        const outgoing = planOutgoing(wanted);
        const logs = new Map<string, unknown[]>();
        const landed = new Map<Run, Landed>();
        for (const runs of outgoing.rounds) {
          const places = runs.map(({ topic, partition }) => `${topic}/${partition}`);
          expect(new Set(places).size).toBe(places.length);
          for (const [index, run] of runs.entries()) {
            const log = logs.get(places[index] ?? "") ?? [];
            logs.set(places[index] ?? "", log);
            landed.set(run, { baseOffset: log.length, appendedAt: log.length });
            log.push(...run.records);
          }
        }
        const { offsetsBase } = appendedOf(outgoing, landed);
        for (const [index, { topic, partition, records }] of wanted.entries()) {
          const base = offsetsBase[index] ?? -1;
          expect(logs.get(`${topic}/${partition}`)?.slice(base, base + records.length)).toEqual(records);
        }
        expect([...logs.values()].flat()).toHaveLength(wanted.flatMap(({ records }) => records).length);
      }),
    );
  });

  it("joins small batches of a partition, so that many appends are one batch of the broker's", () => {
    const small = { topic: "a", partition: 0, records: [{ key: null, value: new Uint8Array(100) }] };
    expect(planOutgoing(Array.from({ length: 50 }, () => ({ ...small }))).rounds.map((runs) => runs.length)).toEqual([
      1,
    ]);
  });

  it("is made of batches within their bounds", () => {
    const of = (bytes: number) => [
      { topic: "a", partition: 0, records: [{ key: null, value: new Uint8Array(bytes) }] },
    ];
    expect(() => checkBatches(of(BATCH_BYTES_MAX))).not.toThrow();
    expect(() => checkBatches(of(BATCH_BYTES_MAX + 1))).toThrow(InvariantBroken);
    expect(() => checkBatches([])).toThrow(InvariantBroken);
    expect(() => checkBatches([{ topic: "a", partition: 0, records: [] }])).toThrow(InvariantBroken);
  });
});

import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { assignPartitions, type MemberReport } from "./assign-partitions.ts";

const PARTITIONS_MAX = 24;

const storeReports = fc.uniqueArray(
  fc.record({
    partition: fc.integer({ min: 0, max: PARTITIONS_MAX - 1 }),
    offset: fc.integer({ min: 0, max: 5 }),
    readerVersionMin: fc.integer({ min: 0, max: 3 }),
  }),
  { selector: ({ partition }) => partition, maxLength: PARTITIONS_MAX },
);

const members = (readerVersion: fc.Arbitrary<number>): fc.Arbitrary<readonly MemberReport[]> =>
  fc
    .array(
      fc.record({
        readerVersion,
        owned: fc.uniqueArray(fc.integer({ min: 0, max: PARTITIONS_MAX - 1 })),
        stores: storeReports,
      }),
      { minLength: 1, maxLength: 7 },
    )
    .map((list) => list.map((member, index) => ({ ...member, memberId: `member-${index}` })));

const partitionCount = fc.integer({ min: 1, max: PARTITIONS_MAX });
const ofOneVersion = members(fc.constant(3));
const ofAnyVersion = members(fc.integer({ min: 1, max: 3 }));

describe("partitions shared out", () => {
  it("are each with exactly one member, and do not depend on the order of members", () => {
    fc.assert(
      fc.property(partitionCount, ofAnyVersion, (count, group) => {
        const shares = assignPartitions(count, group);
        expect([...shares.keys()].toSorted()).toEqual(group.map(({ memberId }) => memberId));
        expect([...shares.values()].flat().toSorted((a, b) => a - b)).toEqual(upTo(count));
        expect(assignPartitions(count, group.toReversed())).toEqual(shares);
      }),
    );
  });

  it("stay where they are when nothing has changed", () => {
    fc.assert(
      fc.property(partitionCount, ofAnyVersion, (count, group) => {
        const shares = assignPartitions(count, group);
        const settled = group.map((member) => ({ ...member, owned: shares.get(member.memberId) ?? [] }));
        expect(assignPartitions(count, settled)).toEqual(shares);
      }),
    );
  });

  it("are with code that reads their newest journal, if any member's does", () => {
    fc.assert(
      fc.property(partitionCount, ofAnyVersion, (count, group) => {
        const shares = assignPartitions(count, group);
        for (const { memberId, readerVersion } of group) {
          for (const partition of shares.get(memberId) ?? []) {
            const needed = neededFor(partition, group);
            const newest = Math.max(...group.map((member) => member.readerVersion));
            expect(readerVersion).toBeGreaterThanOrEqual(Math.min(needed, newest));
          }
        }
      }),
    );
  });

  it("are never with a member that has two more than another that could take one", () => {
    fc.assert(
      fc.property(partitionCount, ofAnyVersion, (count, group) => {
        const shares = assignPartitions(count, group);
        for (const from of group) {
          const own = shares.get(from.memberId) ?? [];
          for (const to of group) {
            const others = shares.get(to.memberId) ?? [];
            if (own.length - others.length < 2) continue;
            for (const partition of own) expect(to.readerVersion).toBeLessThan(neededFor(partition, group));
          }
        }
      }),
    );
  });

  it("stay with their owners as far as counts that differ by one allow, where all run the same code", () => {
    fc.assert(
      fc.property(partitionCount, ofOneVersion, (count, group) => {
        const shares = assignPartitions(count, group);
        const sizes = [...shares.values()].map(({ length }) => length);
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
        const claims = group.map((member) => ({ member, owned: trulyOwned(member, group, count) }));
        const kept = claims.map(({ member, owned }) => {
          const own = new Set(shares.get(member.memberId));
          return owned.filter((partition) => own.has(partition)).length;
        });
        const floor = Math.floor(count / group.length);
        const above = claims.filter(({ owned }) => owned.length > floor).length;
        const mostOfAll =
          claims.reduce((sum, { owned }) => sum + Math.min(owned.length, floor), 0) +
          Math.min(above, count % group.length);
        expect(kept.reduce((sum, each) => sum + each, 0)).toBe(mostOfAll);
      }),
    );
  });
});

test("a partition without an owner goes to the most recent store", () => {
  const shares = assignPartitions(3, [
    reporting("a", { stores: [store(0, 10), store(1, 90), store(2, 7)] }),
    reporting("b", { stores: [store(0, 20), store(1, 80)] }),
    reporting("c", { stores: [store(2, 8)] }),
  ]);
  expect(shares).toEqual(
    new Map([
      ["a", [1]],
      ["b", [0]],
      ["c", [2]],
    ]),
  );
});

test("who comes back with the stores of what others took over gets those that it is the furthest with", () => {
  const shares = assignPartitions(4, [
    reporting("a", { owned: [0, 1, 2, 3], stores: [0, 1, 2, 3].map((partition) => store(partition, 100)) }),
    reporting("b", { stores: [store(1, 60), store(3, 70)] }),
  ]);
  expect(shares.get("b")).toEqual([1, 3]);
});

test("of two who believe to own a partition it stays with the one whose store is ahead: the other was stopped meanwhile", () => {
  const shares = assignPartitions(2, [
    reporting("awoken", { owned: [0, 1], stores: [store(0, 50), store(1, 50)] }),
    reporting("owner", { owned: [1], stores: [store(1, 51)] }),
  ]);
  expect(shares.get("owner")).toEqual([1]);
});

test("in a rolling upgrade what newer code has worked on stays with newer code, and the others are shared", () => {
  const upgraded = [0, 1, 2, 3].map((partition) => store(partition, 100, 2));
  const shares = assignPartitions(6, [
    reporting("old-1", { owned: [4], readerVersion: 1, stores: [store(4, 10, 1)] }),
    reporting("old-2", { owned: [5], readerVersion: 1, stores: [store(5, 10, 1)] }),
    reporting("new", { owned: [0, 1, 2, 3], readerVersion: 2, stores: upgraded }),
  ]);
  expect(shares.get("new")).toEqual([0, 1, 2, 3]);
});

test("after a rollback what older code has worked on since may go to older code again", () => {
  const shares = assignPartitions(2, [
    reporting("old", { readerVersion: 1, owned: [0, 1], stores: [store(0, 200, 1), store(1, 200, 1)] }),
    reporting("new", { readerVersion: 2, stores: [store(0, 100, 2), store(1, 100, 2)] }),
  ]);
  expect([...shares.values()].map(({ length }) => length)).toEqual([1, 1]);
});

test("what nobody's code can read goes to the newest, which declines it", () => {
  const shares = assignPartitions(1, [
    reporting("oldest", { readerVersion: 1, stores: [store(0, 100, 3)] }),
    reporting("newer", { readerVersion: 2 }),
  ]);
  expect(shares.get("newer")).toEqual([0]);
});

function reporting(memberId: string, report: Partial<MemberReport>): MemberReport {
  return { memberId, readerVersion: 1, owned: [], stores: [], ...report };
}

function store(partition: number, offset: number, readerVersionMin = 0) {
  return { partition, offset, readerVersionMin };
}

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

function reportsOf(partition: number, group: readonly MemberReport[]) {
  return group.flatMap(({ stores }) => stores.filter((report) => report.partition === partition));
}

function neededFor(partition: number, group: readonly MemberReport[]): number {
  const reports = reportsOf(partition, group);
  const furthest = Math.max(...reports.map(({ offset }) => offset));
  return Math.max(
    0,
    ...reports.filter(({ offset }) => offset === furthest).map(({ readerVersionMin }) => readerVersionMin),
  );
}

/** Of those who say so, the one whose store is ahead, or the first of them. */
function trulyOwned(of: MemberReport, group: readonly MemberReport[], count: number): number[] {
  const offsetOf = ({ stores }: MemberReport, partition: number): number =>
    stores.find((report) => report.partition === partition)?.offset ?? 0;
  return of.owned.filter((partition) => {
    const claiming = group.filter(({ owned }) => owned.includes(partition));
    const furthest = Math.max(...claiming.map((each) => offsetOf(each, partition)));
    return partition < count && claiming.find((each) => offsetOf(each, partition) === furthest) === of;
  });
}

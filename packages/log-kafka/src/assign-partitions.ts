import type { StoreReport } from "@tidemark/streams";

/** What a member of the group tells of itself when partitions are shared out. */
export interface MemberReport {
  readonly memberId: string;
  /** The newest journal that its code reads (R16). */
  readonly readerVersion: number;
  /** What it has worked on until now; another may have taken it meanwhile. */
  readonly owned: readonly number[];
  /** Of what it owns and of what lies on its disk. */
  readonly stores: readonly StoreReport[];
}

/**
 * Shares out the partitions 0 to `partitions` − 1, each whole to one member. A pure function of its arguments, whatever the
 * order of the members.
 *
 *  A1 A partition goes to no member whose code cannot read its newest journal, if there is one whose code can (R16). During a
 *     rolling upgrade that leaves what newer code has worked on with newer code.
 *  A2 No partition is with a member that has two more than another member to which A1 lets it go: so where all run the same
 *     code the counts differ by one at the most.
 *  A3 Within that as few as possible move away from who owns them.
 *  A4 What moves, goes to the member whose store is the most recent; without a store to the newest code.
 *
 * Where two say to own a partition, it is the one whose store is ahead: the other was fenced.
 * @returns the partitions of every member, ascending
 */
export function assignPartitions(
  partitions: number,
  members: readonly MemberReport[],
): ReadonlyMap<string, readonly number[]> {
  const shares = members
    .toSorted((one, other) => (one.memberId < other.memberId ? -1 : 1))
    .map((member): Share => ({
      member,
      offsets: new Map(member.stores.map(({ partition, offset }) => [partition, offset])),
      partitions: new Set(),
    }));
  if (shares.length === 0) return new Map();
  const candidates = Array.from({ length: partitions }, (_, partition) => candidatesFor(partition, shares));
  const owners = candidates.map((able, partition) => ownerOf(partition, able));
  for (const [partition, owner] of owners.entries()) owner?.partitions.add(partition);
  for (const [partition, able] of candidates.entries()) {
    if (owners[partition] === null) best(able, preference(partition)).partitions.add(partition);
  }
  for (let move = bestMove(shares, candidates, owners); move !== null; move = bestMove(shares, candidates, owners)) {
    // Each one makes the sum of the squared counts smaller, so there is a last.
    move.from.partitions.delete(move.partition);
    move.to.partitions.add(move.partition);
  }
  return new Map(shares.map(({ member, partitions: own }) => [member.memberId, [...own].toSorted((a, b) => a - b)]));
}

interface Share {
  readonly member: MemberReport;
  /** Of its stores, by partition. */
  readonly offsets: ReadonlyMap<number, number>;
  readonly partitions: Set<number>;
}

/** Those whose code reads the partition's newest journal that is known of; where none can, those of the newest code: they decline it. */
function candidatesFor(partition: number, shares: readonly Share[]): readonly Share[] {
  const reports = shares.flatMap(({ member }) => member.stores.filter((store) => store.partition === partition));
  const newest = reports.toSorted(
    (one, other) => other.offset - one.offset || other.readerVersionMin - one.readerVersionMin,
  )[0];
  const needed = newest?.readerVersionMin ?? 0;
  const able = shares.filter(({ member }) => member.readerVersion >= needed);
  if (able.length > 0) return able;
  const newestCode = Math.max(...shares.map(({ member }) => member.readerVersion));
  return shares.filter(({ member }) => member.readerVersion === newestCode);
}

function ownerOf(partition: number, candidates: readonly Share[]): Share | null {
  const claiming = candidates.filter(({ member }) => member.owned.includes(partition));
  return claiming.length === 0 ? null : best(claiming, ({ offsets }) => [-(offsets.get(partition) ?? 0)]);
}

/** A4, without regard to A2. */
function preference(partition: number): (share: Share) => Cost {
  return ({ offsets, member, partitions }) => [-(offsets.get(partition) ?? -1), -member.readerVersion, partitions.size];
}

interface Move {
  readonly partition: number;
  readonly from: Share;
  readonly to: Share;
}

/** The move towards A2 that does the least harm to A3 and A4; null where A2 holds. */
function bestMove(
  shares: readonly Share[],
  candidates: readonly (readonly Share[])[],
  owners: readonly (Share | null)[],
): Move | null {
  const moves: Move[] = [];
  for (const from of shares) {
    for (const partition of from.partitions) {
      for (const to of candidates[partition] ?? []) {
        if (from.partitions.size - to.partitions.size >= 2) moves.push({ partition, from, to });
      }
    }
  }
  if (moves.length === 0) return null;
  return best(moves, ({ partition, from, to }) => [
    owners[partition] === from ? 1 : 0,
    -from.partitions.size,
    to.partitions.size,
    -(to.offsets.get(partition) ?? -1),
    -to.member.readerVersion,
    from.offsets.get(partition) ?? -1,
    partition,
  ]);
}

/** Compared number by number. */
type Cost = readonly number[];

/** The first of those that cost the least. */
function best<Each>(all: readonly Each[], costOf: (each: Each) => Cost): Each {
  const [first, ...others] = all.map((each) => ({ each, cost: costOf(each) }));
  if (first === undefined) throw new RangeError("the best of none");
  return others.reduce((least, other) => (isLess(other.cost, least.cost) ? other : least), first).each;
}

function isLess(one: Cost, other: Cost): boolean {
  for (const [index, number] of one.entries()) {
    const difference = number - (other[index] ?? 0);
    if (difference !== 0) return difference < 0;
  }
  return false;
}

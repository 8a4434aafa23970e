import type { StoreReport } from "@tidemark/streams";
import type { MemberReport } from "./assign-partitions.ts";

/**
 * What a member tells of itself, as the bytes that Kafka hands to the member that shares out partitions. Newer code may add
 * fields; what is here is read by all later code, since in a rolling upgrade either may be the one that shares out.
 */
interface MemberData {
  readonly readerVersion: number;
  readonly owned: readonly number[];
  /** [partition, offset, readerVersionMin] of each store. */
  readonly stores: readonly (readonly [number, number, number])[];
}

/** The whole group's data are one record of the broker's (1 MB by default): so many stores are told of, the owned ones first. */
export const STORES_TOLD_MAX = 500;

export function encodeMemberData({ readerVersion, owned, stores }: Omit<MemberReport, "memberId">): Buffer {
  const own = new Set(owned);
  const told = [
    ...stores.filter(({ partition }) => own.has(partition)),
    ...stores.filter(({ partition }) => !own.has(partition)),
  ].slice(0, STORES_TOLD_MAX);
  const data: MemberData = {
    readerVersion,
    owned,
    stores: told.map(({ partition, offset, readerVersionMin }) => [partition, offset, readerVersionMin]),
  };
  return Buffer.from(JSON.stringify(data));
}

/** What cannot be read counts as not told: such a member gets its share all the same. */
export function decodeMemberData(memberId: string, bytes: Uint8Array): MemberReport {
  const data = parse(bytes);
  return {
    memberId,
    readerVersion: isCount(data["readerVersion"]) ? data["readerVersion"] : 0,
    owned: listOf(data["owned"]).filter(isCount),
    stores: listOf(data["stores"]).flatMap(storeReport),
  };
}

function storeReport(told: unknown): readonly StoreReport[] {
  const [partition, offset, readerVersionMin] = listOf(told);
  if (!isCount(partition) || !isCount(offset) || !isCount(readerVersionMin)) return [];
  return [{ partition, offset, readerVersionMin }];
}

function parse(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(bytes).toString());
    return typeof parsed === "object" && parsed !== null ? { ...parsed } : {};
  } catch {
    return {};
  }
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

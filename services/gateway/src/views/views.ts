import type { ErasureNames } from "@tidemark/contracts";
import type { BaseSums } from "@tidemark/scoring/base";
import { combineViews, type StateReader, type StateStore, StoredView, type ViewProgress } from "@tidemark/streams";
import { type BaseCounts, sumCounts } from "../tier-counts.ts";
import { savedSums, sumFigures } from "./base-figures.ts";

/** The copies of all changelog partitions that queries read. */
export interface Views {
  readonly states: StateReader;
  counts(): BaseCounts;
  /** Changelog offsets up to which queries see all, a partition each. */
  positions(): readonly number[];
  /** Of all of them, summed when asked for. */
  figures(): BaseSums;
  /** Rejects when a view must not go on; resolves after `stop`. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

export interface ReadViewsOptions {
  /** A partition each. */
  readonly stores: readonly StateStore[];
  /** Without them nobody is known to be erased: who is, is unknown then. */
  readonly erasureNames: ErasureNames | null;
  readonly lapseDays: number;
  /** A row cannot be read: the view of that partition is to end for it. */
  readonly onDamage: (partition: number, cause: unknown) => void;
}

/** What is read of them. */
export interface ReadViews {
  readonly read: Omit<Views, "ended" | "stop">;
  /** To be told of what `runViews` tells. */
  readonly note: (partition: number, progress: ViewProgress | null) => void;
}

export function readViews({ stores, erasureNames, lapseDays, onDamage }: ReadViewsOptions): ReadViews {
  const parts = stores.map(
    (store, partition) =>
      new StoredView({
        store,
        partition,
        markerKey: (customerId) => erasureNames?.markerKey(customerId) ?? null,
        onDamage: (cause) => onDamage(partition, cause),
      }),
  );
  // Nothing of it is kept: what a query says of one customer is then in the counts of the next.
  const sums = (): readonly BaseSums[] => parts.map((part) => savedSums(part.aggregate(), lapseDays));
  return {
    read: {
      states: combineViews(parts),
      counts: () => sumCounts(sums()),
      positions: () => parts.map(({ progress }) => progress?.position ?? 0),
      figures: () => sumFigures(sums()),
    },
    note: (partition, progress) => {
      const part = parts[partition];
      if (part !== undefined) part.progress = progress;
    },
  };
}

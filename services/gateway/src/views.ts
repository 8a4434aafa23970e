import { join } from "node:path";
import type { Contracts, ErasureNames } from "@tidemark/contracts";
import { openOrWipeLevelStore } from "@tidemark/store-level";
import {
  type Clock,
  combineViews,
  type EventLog,
  LogUnavailable,
  requireSameSecret,
  StateCorrupted,
  type StateReader,
  type StateStore,
  TASK_LIMITS,
  View,
} from "@tidemark/streams";
import type { BaseSums } from "@tidemark/scoring/base";
import type { Logger } from "@tidemark/telemetry";
import { type BaseFigures, createBaseFigures, selectForBase, sumFigures } from "./base-figures.ts";
import { type BaseCounts, sumCounts } from "./tier-counts.ts";

/** The copies of all changelog partitions that queries read. */
export interface Views {
  readonly states: StateReader;
  counts(): BaseCounts;
  /** Of all of them, summed when asked for. */
  figures(): BaseSums;
  /** Rejects when a view must not go on; resolves after `stop`. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

export interface ViewsOptions {
  readonly log: EventLog;
  readonly contracts: Contracts;
  /** Of every topic keyed by customer. */
  readonly partitions: number;
  /** Of the stores, one a partition. */
  readonly directory: string;
  /** Without them nobody is known to be erased: who is, is unknown then. */
  readonly erasureNames?: ErasureNames | null;
  readonly clock: Clock;
  /** ms of the log's clock in an unscaled ms: 1, but for demos. */
  readonly timeScale: number;
  readonly bootId: string;
  /** A buyer has lapsed after so many days without a purchase: the churn horizon. */
  readonly lapseDays: number;
  readonly logger: Logger;
}

/** Opens a view a partition; one whose store is damaged starts anew, one whose log does not answer waits. */
export async function startViews(options: ViewsOptions): Promise<Views> {
  const { log, contracts, partitions, directory, clock, timeScale, bootId, lapseDays, erasureNames = null } = options;
  const tickOf = (journal: Uint8Array): number => {
    const { tickMs, erasureCheck } = contracts.codecs.journal.decode(journal);
    // By another secret every marker would be missed, without a word.
    if (erasureNames !== null) requireSameSecret({ erasureCheck }, { secretCheck: erasureNames.check });
    return tickMs;
  };
  const stop = new AbortController();
  // The reader keeps these arrays: a view that starts anew takes the place of the one before.
  const views: View[] = [];
  const figures: BaseFigures[] = [];
  const select = selectForBase(contracts);
  const renew = (partition: number, store: StateStore): View => {
    const aggregate = createBaseFigures(select, lapseDays);
    const view = new View({
      log,
      topic: contracts.topics.processorState,
      partition,
      store,
      clock,
      bootId,
      tickOf,
      markerKey: (customerId) => erasureNames?.markerKey(customerId) ?? null,
      limits: {
        ...TASK_LIMITS,
        cachedEntriesMax: CACHED_ENTRIES_MAX,
        sliceMsMax: SLICE_MS_MAX,
        checkpointStaleMsMax: TASK_LIMITS.checkpointStaleMsMax * timeScale,
      },
      aggregate,
    });
    views[partition] = view;
    figures[partition] = aggregate;
    return view;
  };

  const stores = await openStores(directory, partitions);
  const runs = stores.map(async (store, partition) => {
    try {
      await follow(options, store, () => renew(partition, store), stop.signal);
    } catch (error) {
      stop.abort();
      throw error;
    } finally {
      await store.close();
    }
  });
  const ended = settleAll(runs);
  // Whoever waits for it hears it.
  ended.catch(() => undefined);
  return {
    states: combineViews(views),
    counts: () => sumCounts(figures),
    figures: () => sumFigures(figures),
    ended,
    async stop() {
      stop.abort();
      await ended;
    },
  };
}

/**
 * Side by side, since each waits for the disk several times. All are open or, after a throw, none is. They take half of the memory that the
 * processor's stores do for what is written, as if they were twice as many: nobody's turn waits for them.
 */
async function openStores(directory: string, partitions: number): Promise<readonly StateStore[]> {
  const opening = Array.from({ length: partitions }, (_, partition) =>
    openOrWipeLevelStore({ directory: join(directory, String(partition)), stores: 2 * partitions }),
  );
  try {
    return await Promise.all(opening);
  } catch (error) {
    for (const result of await Promise.allSettled(opening)) {
      if (result.status === "fulfilled") await result.value.close();
    }
    throw error;
  }
}

async function follow(
  { clock, logger }: ViewsOptions,
  store: StateStore,
  begin: () => View,
  signal: AbortSignal,
): Promise<void> {
  for (let view = begin(); !signal.aborted; view = begin()) {
    try {
      await view.run(signal);
      return;
    } catch (error) {
      const isDamaged = error instanceof StateCorrupted;
      if (!isDamaged && !(error instanceof LogUnavailable)) throw error;
      logger.warn("a view starts again", { error });
      if (isDamaged) await store.clear();
      await clock.sleep(RETRY_MS, signal);
    }
  }
}

const RETRY_MS = 500;
/**
 * A partition's states in memory. Few of those that change or are asked for did so just before: with 2,000 a query waited longer, since each
 * keeps the batch that it came in, and makes collecting take longer.
 */
const CACHED_ENTRIES_MAX = 200;
/** The views of all partitions follow in the thread that answers queries: a query may find each of them in a slice of its own. */
const SLICE_MS_MAX = 0.5;

/** Waits for all, then rejects with the first reason if there is one. */
async function settleAll(promises: readonly Promise<void>[]): Promise<void> {
  for (const result of await Promise.allSettled(promises)) if (result.status === "rejected") throw result.reason;
}

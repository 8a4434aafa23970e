import type { Contracts } from "@tidemark/contracts";
import {
  type Clock,
  type EventLog,
  LogUnavailable,
  requireSameSecret,
  runTogether,
  StateCorrupted,
  type StateStore,
  StoreUnavailable,
  TASK_LIMITS,
  View,
  type ViewProgress,
} from "@tidemark/streams";
import { createBaseFigures, selectForBase } from "./base-figures.ts";

export interface RunViewsOptions {
  readonly log: EventLog;
  readonly contracts: Contracts;
  /** Of every topic keyed by customer, a partition each. */
  readonly stores: readonly StateStore[];
  /** Of the secret that erased customers are kept under; null = none is known. */
  readonly secretCheck: string | null;
  readonly clock: Clock;
  /** ms of the log's clock in an unscaled ms: 1, but for demos. */
  readonly timeScale: number;
  readonly bootId: string;
  /** A buyer has lapsed after so many days without a purchase: the churn horizon. */
  readonly lapseDays: number;
  /** null = nothing is known of the partition until the next progress. */
  readonly onProgress: (partition: number, progress: ViewProgress | null) => void;
  /** A view starts again, after this error. */
  readonly onRestart: (error: Error) => void;
}

/** Views of all partitions, that follow. */
export interface RunningViews {
  /** A reader has found the partition's store damaged. */
  damaged(partition: number, cause: unknown): void;
  /** Resolves once the signal has aborted and all are at their end; rejects when one must not go on. */
  readonly ended: Promise<void>;
}

/** Runs a view a partition until the signal aborts; one whose store is damaged starts anew, one whose log does not answer, or whose store cannot be written, waits. */
export function runViews(options: RunViewsOptions, signal: AbortSignal): RunningViews {
  const { log, contracts, stores, clock, timeScale, bootId, lapseDays, secretCheck } = options;
  const tickOf = (journal: Uint8Array): number => {
    const { tickMs, erasureCheck } = contracts.codecs.journal.decode(journal);
    // By another secret every marker would be missed, without a word.
    if (secretCheck !== null) requireSameSecret({ erasureCheck }, { secretCheck });
    return tickMs;
  };
  const views: View[] = [];
  const select = selectForBase(contracts);
  const renew = (partition: number, store: StateStore): View => {
    const view = new View({
      log,
      topic: contracts.topics.processorState,
      partition,
      store,
      clock,
      bootId,
      tickOf,
      limits: {
        ...TASK_LIMITS,
        cachedEntriesMax: CACHED_ENTRIES_MAX,
        sliceMsMax: SLICE_MS_MAX,
        flushIntervalMs: FLUSH_INTERVAL_MS,
        checkpointStaleMsMax: TASK_LIMITS.checkpointStaleMsMax * timeScale,
      },
      aggregate: createBaseFigures(select, lapseDays),
      onProgress: (progress) => options.onProgress(partition, progress),
      onDropped: (why) => options.onRestart(new StateCorrupted(DROPPED[why])),
    });
    views[partition] = view;
    return view;
  };
  const ended = runTogether(
    signal,
    stores.map(
      (store, partition) => (end) => follow(options, { partition, store, begin: () => renew(partition, store) }, end),
    ),
  );
  // Whoever waits for it hears it.
  ended.catch(() => undefined);
  return {
    damaged: (partition, cause) => views[partition]?.damaged(cause),
    ended,
  };
}

async function follow(
  { clock, onProgress, onRestart }: RunViewsOptions,
  { partition, store, begin }: { partition: number; store: StateStore; begin: () => View },
  signal: AbortSignal,
): Promise<void> {
  let failure: Error | null = null;
  let waitMs = RETRY_MS;
  while (!signal.aborted) {
    let view: View | null = null;
    try {
      if (failure instanceof StateCorrupted) await store.clear();
      // As with a task's (P5), what a failed write left is harmless: with its rows it has the checkpoint and the aggregate that belong to them (V2).
      if (failure instanceof StoreUnavailable) await store.reopen();
      view = begin();
      await view.run(signal);
      return;
    } catch (error) {
      const isPassing = error instanceof LogUnavailable || error instanceof StoreUnavailable;
      if (!isPassing && !(error instanceof StateCorrupted)) throw error;
      // Before the store is touched: nobody reads it until the next one says how far it is.
      onProgress(partition, null);
      onRestart(error);
      const isLasting = error instanceof StoreUnavailable && view?.progress?.ready !== true;
      waitMs = isLasting ? Math.min(2 * waitMs, RETRY_MS_MAX) : RETRY_MS;
      failure = error;
      await clock.sleep(waitMs, signal);
    }
  }
}

const DROPPED = {
  UNREADABLE: "what a view's store says of itself cannot be read: it is made anew",
  AHEAD_OF_LOG: "a view's store goes beyond the log, which has lost something or is another: it is made anew",
} as const;

const RETRY_MS = 500;
/** Of a store that cannot be written: whether it can, only opening it tells, and that is work. */
const RETRY_MS_MAX = 5_000;
/** A partition's states in memory: few of those that change did so just before, and each keeps the batch that it came in. */
const CACHED_ENTRIES_MAX = 200;
/** Others of their thread may be waiting, and find a view of each partition in a slice of its own. */
const SLICE_MS_MAX = 0.5;
/** How old a query may find what has been read, where there is always more to read. */
const FLUSH_INTERVAL_MS = 100;

import { openOrWipeLevelStore } from "@tidemark/store-level";
import { type BaseCounts, createTierCounts, sumCounts, type TierCounts } from "@tidemark/gateway";
import type { Application, StateReader, StateStore } from "@tidemark/streams";
import { combineViews, TASK_LIMITS, View } from "@tidemark/streams";
import type { Logger } from "@tidemark/telemetry";
import { join } from "node:path";
import { errorCodeOf } from "./failure.ts";
import type { OpenData } from "./open-data.ts";

/** The copies of all changelog partitions that queries read. */
export interface Views {
  readonly states: StateReader;
  counts(): BaseCounts;
  /** Rejects when a view must not go on; resolves after `stop`. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

export interface ViewsOptions {
  readonly data: OpenData;
  readonly application: Pick<Application<never, never>, "journal">;
  readonly bootId: string;
  readonly logger: Logger;
}

/** Opens a view a partition; one whose store is damaged starts anew, one whose log does not answer waits. */
export async function startViews(options: ViewsOptions): Promise<Views> {
  const { data } = options;
  const factor = data.installation.demo?.factor ?? 1;
  const stop = new AbortController();
  const stores: StateStore[] = [];
  // The reader keeps these arrays: a view that starts anew takes the place of the one before.
  const views: View[] = [];
  const counts: TierCounts[] = [];
  const renew = (partition: number, store: StateStore): View => {
    const aggregate = createTierCounts(data.contracts);
    const view = new View({
      log: data.log,
      topic: data.contracts.topics.processorState,
      partition,
      store,
      clock: data.clock,
      bootId: options.bootId,
      journal: options.application.journal,
      limits: {
        ...TASK_LIMITS,
        cachedEntriesMax: CACHED_ENTRIES_MAX,
        sliceMsMax: SLICE_MS_MAX,
        checkpointStaleMsMax: TASK_LIMITS.checkpointStaleMsMax * factor,
      },
      aggregate,
    });
    views[partition] = view;
    counts[partition] = aggregate;
    return view;
  };

  try {
    for (let partition = 0; partition < data.installation.partitions; partition += 1) {
      const store = await openOrWipeLevelStore(join(data.directory, "views", String(partition)));
      stores.push(store);
      renew(partition, store);
    }
  } catch (error) {
    await Promise.all(stores.map(async (store) => store.close()));
    throw error;
  }
  const runs = stores.map(async (store, partition) => {
    try {
      await follow(
        options,
        store,
        () => renew(partition, store),
        views[partition] ?? renew(partition, store),
        stop.signal,
      );
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
    counts: () => sumCounts(counts),
    ended,
    async stop() {
      stop.abort();
      await ended;
    },
  };
}

async function follow(
  { data, logger }: ViewsOptions,
  store: StateStore,
  renew: () => View,
  first: View,
  signal: AbortSignal,
): Promise<void> {
  for (let view = first; !signal.aborted; view = renew()) {
    try {
      await view.run(signal);
      return;
    } catch (error) {
      const code = errorCodeOf(error);
      if (code !== "STATE_CORRUPTED" && code !== "LOG_UNAVAILABLE") throw error;
      logger.warn("a view starts again", { error });
      if (code === "STATE_CORRUPTED") await store.clear();
      await data.clock.sleep(RETRY_MS, signal);
    }
  }
}

const RETRY_MS = 500;
/** A partition's states in memory: of those asked for few are the same, and each kept makes collecting take longer. */
const CACHED_ENTRIES_MAX = 2_000;
/** The views of all partitions follow in the thread that answers queries: a query may find each of them in a slice of its own. */
const SLICE_MS_MAX = 0.5;

/** Waits for all, then rejects with the first reason if there is one. */
async function settleAll(promises: readonly Promise<void>[]): Promise<void> {
  for (const result of await Promise.allSettled(promises)) if (result.status === "rejected") throw result.reason;
}

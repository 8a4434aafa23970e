import type { Contracts, ErasureNames } from "@tidemark/contracts";
import type { Clock, EventLog } from "@tidemark/streams";
import type { Logger } from "@tidemark/telemetry";
import { tellRestarts } from "./restarts.ts";
import { runViews } from "./run-views.ts";
import { openViewStores } from "./view-stores.ts";
import { readViews, type Views } from "./views.ts";

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

/** Views that follow in this thread. @throws DirectoryLocked, StoreUnavailable */
export async function startViews(options: ViewsOptions): Promise<Views> {
  const { partitions, directory, lapseDays, erasureNames = null, logger } = options;
  const stores = await openViewStores({ directory, partitions, shared: false }, logger);
  const { read, note } = readViews({
    stores,
    erasureNames,
    lapseDays,
    onDamage: (partition, cause) => running.damaged(partition, cause),
  });
  const stop = new AbortController();
  const running = runViews(
    {
      ...options,
      stores,
      secretCheck: erasureNames?.check ?? null,
      onProgress: note,
      onRestart: tellRestarts(logger, options.clock),
    },
    stop.signal,
  );
  return {
    ...read,
    ended: running.ended,
    async stop() {
      stop.abort();
      try {
        await running.ended;
      } finally {
        for (const store of stores) await store.close();
      }
    },
  };
}

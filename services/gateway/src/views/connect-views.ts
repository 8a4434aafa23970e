import type { ErasureNames } from "@tidemark/contracts";
import { type CarriedError, carryError, revivedError, type StateStore } from "@tidemark/streams";
import type { Logger } from "@tidemark/telemetry";
import type { NearEnd } from "@tidemark/thread-channel";
import { openViewStores } from "./view-stores.ts";
import type { FromViews, ToViews } from "./views-messages.ts";
import { readViews, type Views } from "./views.ts";

/** The near end of the channel to views that follow in another thread. */
export type ViewsEnd = NearEnd<ToViews, FromViews>;

export interface ConnectViewsOptions {
  readonly directory: string;
  readonly partitions: number;
  readonly erasureNames: ErasureNames | null;
  readonly lapseDays: number;
  readonly logger: Logger;
  /** Has them followed in another thread, by `serveViews` at the far end; called once the stores are open. */
  readonly follow: () => ViewsEnd;
}

/**
 * Views that follow in another thread and are read in this one, which has their stores open too: no query waits for what they do. Where
 * that thread dies nobody hears of it here: who started it does.
 * @throws DirectoryLocked, StoreUnavailable
 */
export async function connectViews(options: ConnectViewsOptions): Promise<Views> {
  const { directory, partitions, erasureNames, lapseDays, logger, follow } = options;
  const stores = await openViewStores({ directory, partitions, shared: true }, logger);
  const near = follow();
  const { read, note } = readViews({
    stores,
    erasureNames,
    lapseDays,
    onDamage: (partition, cause) => near.send({ kind: "damaged", partition, error: carryError(cause) }),
  });
  const ended = Promise.withResolvers<void>();
  // Whoever waits for it hears it.
  ended.promise.catch(() => undefined);
  near.listen((message) => {
    if (message.kind === "progress") note(message.partition, message.progress);
    else if (message.kind === "clear") {
      const { partition } = message;
      void clear(stores[partition]).then((error) => near.send({ kind: "cleared", partition, error }));
    } else if (message.kind === "restart") {
      logger.warn("a view starts again", { error: revivedError(message.error) });
    } else if (message.error === null) ended.resolve();
    else ended.reject(revivedError(message.error));
  });
  return {
    ...read,
    ended: ended.promise,
    async stop() {
      near.send({ kind: "stop" });
      try {
        await Promise.race([ended.promise, near.closed]);
      } finally {
        for (const store of stores) await store.close();
      }
    },
  };
}

/** @returns what it failed with */
async function clear(store: StateStore | undefined): Promise<CarriedError | null> {
  try {
    await store?.clear();
    return null;
  } catch (error) {
    return carryError(error);
  }
}

import type { ErasureNames } from "@tidemark/contracts";
import { type CarriedError, carryError, type Clock, revivedError } from "@tidemark/streams";
import type { Logger } from "@tidemark/telemetry";
import type { NearEnd } from "@tidemark/thread-channel";
import { tellRestarts } from "./restarts.ts";
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
  readonly clock: Pick<Clock, "monotonic">;
  /** Has them followed in another thread, by `serveViews` at the far end; called once the stores are open. */
  readonly follow: () => ViewsEnd;
}

/**
 * Views that follow in another thread and are read in this one, which has their stores open too: no query waits for what they do. Where
 * that thread dies nobody hears of it here: who started it does.
 * @throws DirectoryLocked, StoreUnavailable
 */
export async function connectViews(options: ConnectViewsOptions): Promise<Views> {
  const { directory, partitions, erasureNames, lapseDays, logger, clock, follow } = options;
  const stores = await openViewStores({ directory, partitions, shared: true }, logger);
  const near = follow();
  const { read, note } = readViews({
    stores,
    erasureNames,
    lapseDays,
    onDamage: (partition, cause) => near.send({ kind: "damaged", partition, error: carryError(cause) }),
  });
  const tellRestart = tellRestarts(logger, clock);
  const ended = Promise.withResolvers<void>();
  // Whoever waits for it hears it.
  ended.promise.catch(() => undefined);
  near.listen((message) => {
    if (message.kind === "progress") note(message.partition, message.progress);
    else if (message.kind === "clear" || message.kind === "reopen") {
      const { kind, partition } = message;
      void failureOf(stores[partition]?.[kind]()).then((error) => near.send({ kind: "done", partition, error }));
    } else if (message.kind === "restart") tellRestart(revivedError(message.error));
    else if (message.error === null) ended.resolve();
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
async function failureOf(change: Promise<void> | undefined): Promise<CarriedError | null> {
  try {
    await change;
    return null;
  } catch (error) {
    return carryError(error);
  }
}

import { openLevelStore, type StoreOwner } from "@tidemark/store-level";
import { carryError, revivedError, type StateStore } from "@tidemark/streams";
import type { FarEnd } from "@tidemark/thread-channel";
import { type RunningViews, runViews, type RunViewsOptions } from "./run-views.ts";
import { openAll, viewStorePlaces } from "./view-stores.ts";
import type { FromViews, ToViews } from "./views-messages.ts";

export interface ServeViewsOptions extends Omit<RunViewsOptions, "stores" | "onProgress" | "onRestart"> {
  /** Of the stores, which who reads them has open. */
  readonly directory: string;
  readonly partitions: number;
}

/**
 * Lets views follow in this thread for who reads them at the near end of a channel (`connectViews`). The stores are that one's: only it empties
 * them, since no file may go while anybody has a store open, and it closes them last, since what LevelDB shares is the first opener's. So it
 * also opens them again: LevelDB has a store open once for all of them, and what it failed with stays until all have closed it.
 */
export async function serveViews(options: ServeViewsOptions, far: FarEnd<FromViews, ToViews>): Promise<void> {
  const { directory, partitions } = options;
  const asked = new Map<number, PromiseWithResolvers<void>>();
  const stop = new AbortController();
  let running: RunningViews | null = null;
  far.listen((message) => {
    if (message.kind === "damaged") running?.damaged(message.partition, revivedError(message.error));
    else if (message.kind === "stop") stop.abort();
    else if (message.error === null) asked.get(message.partition)?.resolve();
    else asked.get(message.partition)?.reject(revivedError(message.error));
  });
  const ask = (kind: "clear" | "reopen", partition: number): Promise<void> => {
    const done = Promise.withResolvers<void>();
    asked.set(partition, done);
    far.send({ kind, partition });
    return done.promise;
  };
  const ownerOf = (partition: number): StoreOwner => ({
    wipe: () => ask("clear", partition),
    reopen: () => ask("reopen", partition),
  });

  let stores: readonly StateStore[] = [];
  let failure: unknown = null;
  try {
    const places = viewStorePlaces({ directory, partitions, shared: true });
    stores = await openAll(places.map((place, partition) => openLevelStore({ ...place, owner: ownerOf(partition) })));
    const onProgress: RunViewsOptions["onProgress"] = (partition, progress) =>
      far.send({ kind: "progress", partition, progress });
    const onRestart: RunViewsOptions["onRestart"] = (error) => far.send({ kind: "restart", error: carryError(error) });
    running = runViews({ ...options, stores, onProgress, onRestart }, stop.signal);
    await running.ended;
  } catch (error) {
    failure = error;
  }
  for (const store of stores) await store.close();
  far.send({ kind: "ended", error: failure === null ? null : carryError(failure) });
  await far.close();
}

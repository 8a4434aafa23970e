import { join } from "node:path";
import { openOrWipeLevelStore, type StoreDirectory } from "@tidemark/store-level";
import type { StateStore } from "@tidemark/streams";
import type { Logger } from "@tidemark/telemetry";

export interface ViewStoresPlace {
  /** Of the stores, one a partition. */
  readonly directory: string;
  readonly partitions: number;
  /** Whether two threads have them open. */
  readonly shared: boolean;
}

/**
 * Where each is. They take half of the memory that the processor's stores do for what is written, as if they were twice as many: nobody's turn
 * waits for them.
 */
export function viewStorePlaces({ directory, partitions, shared }: ViewStoresPlace): readonly StoreDirectory[] {
  return Array.from({ length: partitions }, (_, partition) => ({
    directory: join(directory, String(partition)),
    stores: 2 * partitions,
    shared,
  }));
}

/** Each comes up empty where it is damaged, which is told. @throws DirectoryLocked, StoreUnavailable */
export function openViewStores(place: ViewStoresPlace, logger: Logger): Promise<readonly StateStore[]> {
  const onDamage = (error: Error): void =>
    logger.warn("a copy that queries read cannot be used and is made anew from the log", { error });
  return openAll(viewStorePlaces(place).map((store) => openOrWipeLevelStore(store, onDamage)));
}

/** Side by side, since each waits for the disk several times. All are open or, after a throw, none is. */
export async function openAll(opening: readonly Promise<StateStore>[]): Promise<readonly StateStore[]> {
  try {
    return await Promise.all(opening);
  } catch (error) {
    for (const result of await Promise.allSettled(opening)) {
      if (result.status === "fulfilled") await result.value.close();
    }
    throw error;
  }
}

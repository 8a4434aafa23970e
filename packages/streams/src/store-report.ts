import { decodeCheckpoint } from "./checkpoint.ts";
import type { JournalCodec } from "./journal.ts";
import type { StoreReport } from "./partition-ownership.ts";
import type { StateStore } from "./state-store.ts";
import { CHECKPOINT_ROW, unseal } from "./store-rows.ts";

/** What a store that no task works on says of itself; null if it says nothing that this code could go on from. */
export function storeReport(partition: number, store: StateStore, codec: JournalCodec): StoreReport | null {
  try {
    const row = store.get(CHECKPOINT_ROW);
    const checkpoint = row === undefined ? null : decodeCheckpoint(unseal(row));
    if (checkpoint === null) return null;
    const entry = checkpoint.journal === null ? null : codec.decodeEntry(checkpoint.journal);
    return { partition, offset: checkpoint.offset, readerVersionMin: entry?.minReaderVersion ?? 0 };
  } catch {
    // Damaged, or of newer code: a task that opens it finds out and decides; as a hint it is worth nothing.
    return null;
  }
}

import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { type Clock, type JournalCodec, type StateStore, storeReport, type StoreReport } from "@tidemark/streams";
import { isLocked } from "./open-when-free.ts";

/** Who has a store open works on it, and tells of it himself: it is not waited for long. */
const LOCKED_MS_MAX = 250;
const RETRY_MS = 10;

/**
 * What the stores of earlier runs in a directory hold, each opened for a moment; nothing where there is no directory. One that
 * cannot be opened is left out: these are hints.
 */
export async function storesOnDisk(
  directory: string,
  open: (directory: string) => Promise<StateStore>,
  codec: JournalCodec,
  clock: Clock,
): Promise<readonly StoreReport[]> {
  const reports: StoreReport[] = [];
  for (const name of await namesIn(directory)) {
    if (!/^\d{1,9}$/u.test(name)) continue;
    const store = await openSoon(() => open(join(directory, name)), clock);
    if (store === null) continue;
    const report = storeReport(Number(name), store, codec);
    await store.close();
    if (report !== null) reports.push(report);
  }
  return reports;
}

async function namesIn(directory: string): Promise<readonly string[]> {
  try {
    return await readdir(directory);
  } catch {
    return []; // Before the first start.
  }
}

async function openSoon(open: () => Promise<StateStore>, clock: Clock): Promise<StateStore | null> {
  const deadline = clock.monotonic() + LOCKED_MS_MAX;
  for (;;) {
    try {
      return await open();
    } catch (error) {
      // A task that gets the partition opens it again, and decides what becomes of it.
      if (!isLocked(error) || clock.monotonic() >= deadline) return null;
    }
    await clock.sleep(RETRY_MS, new AbortController().signal);
  }
}

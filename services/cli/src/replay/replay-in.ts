import type { OpenData } from "../opened-data.ts";
import { replayLetters, type ReplayFilter, type ReplaySummary } from "./replay-letters.ts";

/** Puts the dead letters of data that are open here back. */
export function replayIn(
  { log, contracts, installation, clock }: OpenData,
  signal: AbortSignal,
  filter: ReplayFilter,
): Promise<ReplaySummary> {
  return replayLetters({ log, contracts, partitions: installation.partitions, clock, signal }, filter);
}

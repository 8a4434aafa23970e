import type { Codecs } from "@tidemark/contracts";
import { SCORING_VERSION } from "@tidemark/scoring";
import type { JournalCodec } from "@tidemark/streams";

/** A wall clock that runs at another speed (demos). */
export interface ScaledClock {
  /** The instant it started at, ms since the epoch. */
  readonly base: number;
  /** 1 = real time. */
  readonly factor: number;
}

/** An earlier release named its model together with its scoring code, and kept no default parameters that could be asked for. */
const OF_EARLIER_RELEASE = /\/scoring-\d+$/u;

/** The runtime's own records in the schemas of the topics `journal` and `processor-state`. */
export function createJournalCodec(
  { journal, barrier }: Pick<Codecs, "journal" | "barrier">,
  scaledClock: ScaledClock | null,
): JournalCodec {
  return {
    encodeEntry: (entry) =>
      journal.encode({
        ...entry,
        scoringVersion: SCORING_VERSION,
        clockBase: scaledClock?.base ?? null,
        clockFactor: scaledClock?.factor ?? 1,
      }),
    decodeEntry(bytes) {
      const entry = journal.decode(bytes);
      const { mode } = entry;
      if (mode === "UNKNOWN") throw new Error("the journal names a clock mode that this code does not know");
      return { ...entry, mode, model: OF_EARLIER_RELEASE.test(entry.model) ? "" : entry.model };
    },
    encodeBarrier: (token) => barrier.encode(token),
    decodeBarrier: (bytes) => barrier.decode(bytes),
  };
}

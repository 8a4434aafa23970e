import type { Draft } from "./model/draft-artefact.ts";
import type { ModelRole, Publication, PublishedModel } from "./model/published-models.ts";
import type { ReplayFilter, ReplaySummary } from "./replay/replay-letters.ts";
import type { GammaGammaParameters, MbgNbdParameters } from "@tidemark/models";

/** What can be told of a data directory, and done in it, by whoever has it open. */
export interface DataSource {
  inspect(): Promise<Inspection>;
  /** Each customer's profile as a line of JSON, see `ProfileLine`. */
  profiles(): AsyncIterable<string>;
  /** All that is stored under a customer's id, a line of JSON each, see `CustomerLine`. */
  customer(id: string): AsyncIterable<string>;
  /** Puts dead letters back. */
  replay(filter: ReplayFilter): Promise<ReplaySummary>;
  /** Every model that was published, in the order in which they came. */
  models(): Promise<readonly PublishedModel[]>;
  /** @param text an artefact, JSON */
  publish(text: string, role: ModelRole): Promise<Publication>;
  /** The artefact in force with figures of the base as it is now. @param tiersBy a scorecard that is to give tiers */
  draft(tiersBy: string | null): Promise<Draft>;
}

/** What `inspect --json` prints. */
export interface Inspection {
  readonly topics: readonly {
    readonly name: string;
    /** Offsets of the first record kept and one past the newest, by partition. */
    readonly partitions: readonly { readonly start: number; readonly end: number }[];
  }[];
  readonly store: {
    /** Customers. */
    readonly profiles: number;
    /** On disk, approximate. */
    readonly bytes: number;
    /** End of the changelog, summed over all partitions. */
    readonly offset: number;
  };
  readonly clock: {
    readonly mode: "wall" | "event";
    readonly timeZone: string;
    /** What the clock says, scaled in demos; ISO 8601 UTC. */
    readonly now: string;
    /** How far time has been worked off in every partition; null before the first turn. */
    readonly tick: string | null;
  };
  readonly model: {
    readonly name: string;
    readonly version: string;
    readonly fitted: boolean;
    /** Unit of the parameters' time. */
    readonly timeUnitDays: number;
    /** ISO 4217, of v, in major units. */
    readonly currency: string;
    readonly purchases: MbgNbdParameters;
    readonly spend: GammaGammaParameters;
  };
}

/** A line of `inspect --profiles --json`. */
export interface ProfileLine {
  readonly customerId: string;
  /** Repeat purchase days; null = has not bought. */
  readonly x: number | null;
  /** From the first purchase day to the last. */
  readonly txWeeks: number | null;
  /** From the first purchase day to the local day of the tick. */
  readonly tWeeks: number | null;
  /** Purchases less refunds, minor units of the base currency. */
  readonly spendMinor: number;
  /** Gross spend on the `x` repeat purchase days, minor units: divided by x the m of the Gamma-Gamma model; null = has not bought. */
  readonly repeatSpendMinor: number | null;
}

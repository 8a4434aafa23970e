/** Where the time of a turn goes, unscaled ms. The stages of one event's way, in order. */
export interface StageTimes {
  /** Fetching records from the log. */
  readMs: number;
  decodeMs: number;
  /** Loading states from memory or the store. */
  stateMs: number;
  applyMs: number;
  scoreMs: number;
  encodeMs: number;
  /** The atomic append of the turn, waiting included. */
  commitMs: number;
  /** Writing the lagging store, waiting included; beside other work. */
  storeMs: number;
}

export function noStageTimes(): StageTimes {
  return { readMs: 0, decodeMs: 0, stateMs: 0, applyMs: 0, scoreMs: 0, encodeMs: 0, commitMs: 0, storeMs: 0 };
}

/**
 * What the runtime knows of models: their ids, which one is in force, and which are at hand. A model is what scores depend on beside states
 * and time. It may change while tasks run: a turn takes the one in force when it begins and keeps it to its end (R8).
 */
export interface Models {
  /** Id of the one in force; never "". It names the content: one id never means two models. */
  readonly current: string;
  /** Whether a model is at hand: once true, true for good. */
  has(id: string): boolean;
}

/** A model that never changes. */
export function oneModel(id: string): Models {
  return { current: id, has: (asked) => asked === id };
}

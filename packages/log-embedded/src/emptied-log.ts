import { assert } from "@tidemark/streams";
import { TOPIC_KEYS } from "./keys.ts";
import { readKeys, type LevelInstance, type LevelOperation } from "./level-instance.ts";
import type { LogState } from "./log-state.ts";

/** How a log is emptied at its end. */
export interface EmptyingOptions {
  /** Topics whose records may go; in no other are any, nor ever were. */
  readonly disposable: ReadonlySet<string>;
  /** Called once it is empty, and before anybody else can open it. */
  readonly whenEmpty: () => Promise<void>;
}

/**
 * What takes out all that the log holds, its topics too, but for what the directory is: the log is then as one that was just made.
 * @param disposable topics whose records may go
 * @throws InvariantBroken where another topic holds records, or ever did; LogCorrupted, LogUnavailable
 */
export async function removalOfAll(
  level: LevelInstance,
  state: LogState,
  disposable: ReadonlySet<string>,
): Promise<LevelOperation[]> {
  for (const [name, { partitions }] of state.topics) {
    const isEmpty = partitions.every(({ end }) => end === 0);
    assert(isEmpty || disposable.has(name), "a log that is emptied holds nothing that anybody may miss");
  }
  return (await readKeys(level, { gte: TOPIC_KEYS.gte })).map((key) => ({ type: "del", key }));
}

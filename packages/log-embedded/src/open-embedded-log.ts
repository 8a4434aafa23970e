import type { Clock, EventLog } from "@tidemark/streams";
import { DiskCore } from "./disk-core.ts";
import type { EmptyingOptions } from "./emptied-log.ts";
import { levelOn, openLevel, type LevelInstance } from "./level-instance.ts";
import { LOG_LIMITS, type LogLimits } from "./limits.ts";
import type { LogCore } from "./log-core.ts";
import { logFront } from "./log-front.ts";
import { loadState, type LogState } from "./log-state.ts";
import { checkWriteAhead } from "./write-ahead.ts";

/** A directory of this log's own, or a Level to use instead: the log opens and closes it. */
export type EmbeddedLogOptions = LogOptions & ({ readonly directory: string } | { readonly level: LevelInstance });

interface LogOptions {
  readonly clock: Clock;
  readonly limits?: Partial<LogLimits>;
  /** Told of what fails in the background: a disk that is full, damage found by compaction. */
  readonly onProblem?: (error: unknown) => void;
}

/** An {@link EventLog} on one disk, for one process. Its clients need not copy: keys and values read are Buffers. */
export interface EmbeddedLog extends EventLog {
  /** False after a failed write, until the log has been opened again by itself: reads and writes are LogUnavailable. */
  readonly available: boolean;
  /** The log without its front: what `shareLog` gives other threads a way into. */
  readonly core: LogCore;
  /** One pass of retention and compaction now; passes also run by themselves. Problems go to `onProblem`. */
  maintain(): Promise<void>;
  /**
   * Closes the log and leaves an empty one, without topics. After any crash it is as it was, or empty.
   * @throws InvariantBroken where records are in other topics than those that may go: nothing is taken out then; LogUnavailable, LogCorrupted,
   *   and what `whenEmpty` rejects with. It is closed all the same
   */
  closeEmptied(options: EmptyingOptions): Promise<void>;
}

/**
 * Opens the log, or creates it where there is none.
 * @throws DirectoryLocked, VersionTooNew, LogCorrupted, LogUnavailable
 */
export async function openEmbeddedLog(options: EmbeddedLogOptions): Promise<EmbeddedLog> {
  const { clock, onProblem = () => {} } = options;
  const limits = { ...LOG_LIMITS, ...options.limits };
  const check = async (): Promise<void> => {
    if ("directory" in options) await checkWriteAhead(options.directory);
  };
  // A Level begins to open as soon as there is one.
  await check();
  const level = "level" in options ? options.level : levelOn(options.directory);
  const open = async (): Promise<LogState> => {
    await openLevel(level, "directory" in options ? options.directory : "memory");
    return loadState(level, limits.tailBytesMax);
  };
  const reopen = async (): Promise<LogState> => {
    await check();
    return open();
  };
  try {
    const core = new DiskCore({ level, clock, limits, onProblem, open: reopen }, await open());
    return {
      ...logFront(core),
      core,
      get available() {
        return core.available;
      },
      maintain: () => core.maintain(),
      closeEmptied: (emptying) => core.closeEmptied(emptying),
    };
  } catch (error) {
    await level.close();
    throw error;
  }
}

import type {
  AppendOptions,
  Appended,
  Clock,
  EventLog,
  FetchOptions,
  LogWriter,
  OffsetRange,
  PartitionBatch,
  Position,
  Slice,
  TopicSpec,
} from "@tidemark/streams";
import { LogUnavailable } from "@tidemark/streams";
import { Fetcher } from "./fetcher.ts";
import { GroupCommit } from "./group-commit.ts";
import { levelOn, openLevel, type LevelInstance } from "./level-instance.ts";
import { LOG_LIMITS, type LogLimits } from "./limits.ts";
import { loadState, partitionOf, partitionsOf, type LogState } from "./log-state.ts";
import { Maintenance } from "./maintenance.ts";
import { PartitionReader } from "./partition-reader.ts";
import { measured } from "./records-check.ts";
import { Stamps } from "./stamps.ts";
import { Storage } from "./storage.ts";
import { Topics } from "./topics.ts";
import { Writers } from "./writers.ts";

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
  /** One pass of retention and compaction now; passes also run by themselves. Problems go to `onProblem`. */
  maintain(): Promise<void>;
}

/**
 * Opens the log, or creates it where there is none.
 * @throws DirectoryLocked, VersionTooNew, LogCorrupted, LogUnavailable
 */
export async function openEmbeddedLog(options: EmbeddedLogOptions): Promise<EmbeddedLog> {
  const { clock, onProblem = () => {} } = options;
  const limits = { ...LOG_LIMITS, ...options.limits };
  const level = "level" in options ? options.level : levelOn(options.directory);
  const open = async (): Promise<LogState> => {
    await openLevel(level, "directory" in options ? options.directory : "memory");
    return loadState(level, limits.tailBytesMax);
  };
  try {
    return new DiskLog({ level, clock, limits, onProblem, open }, await open());
  } catch (error) {
    await level.close();
    throw error;
  }
}

interface DiskLogOptions {
  readonly level: LevelInstance;
  readonly clock: Clock;
  readonly limits: LogLimits;
  readonly onProblem: (error: unknown) => void;
  readonly open: () => Promise<LogState>;
}

/** Puts the parts together; what each promises stands where it is. */
class DiskLog implements EmbeddedLog {
  readonly #storage: Storage;
  readonly #commits: GroupCommit;
  readonly #writers: Writers;
  readonly #topics: Topics;
  readonly #fetcher: Fetcher;
  readonly #maintenance: Maintenance;
  #closed: Promise<void> | null = null;

  constructor({ level, clock, limits, onProblem, open }: DiskLogOptions, state: LogState) {
    const stamps = new Stamps(clock, state.appendedTo);
    this.#storage = new Storage(level, state, clock, {
      problem: onProblem,
      unavailable: wakeAll,
      reopen: async () => {
        const found = await open();
        stamps.found(found.appendedTo);
        return found;
      },
    });
    this.#commits = new GroupCommit(this.#storage, stamps, limits);
    this.#writers = new Writers(this.#storage, this.#commits);
    this.#topics = new Topics(this.#storage);
    this.#fetcher = new Fetcher(this.#storage, new PartitionReader(level), stamps, clock);
    this.#maintenance = new Maintenance(this.#storage, this.#commits, clock, limits, onProblem);
  }

  get available(): boolean {
    return this.#storage.available;
  }

  createTopics(specs: readonly TopicSpec[]): Promise<void> {
    return this.#topics.create(specs);
  }

  async topics(): Promise<readonly TopicSpec[]> {
    return this.#topics.list();
  }

  async offsets(topic: string, partition: number): Promise<OffsetRange> {
    const { start, end } = partitionOf(this.#storage.state, topic, partition);
    return { start, end };
  }

  fetch(positions: readonly Position[], options: FetchOptions): Promise<readonly Slice[]> {
    return this.#fetcher.fetch(positions, options);
  }

  async append(batches: readonly PartitionBatch[], options?: AppendOptions): Promise<Appended> {
    const { parts, bytes } = measured(this.#storage.state, batches);
    const after = options?.after ?? -1;
    return this.#commits.submit({ parts, bytes, after, fenced: () => false, whenUnknown: LogUnavailable });
  }

  openWriter(id: string): Promise<LogWriter> {
    return this.#writers.open(id);
  }

  maintain(): Promise<void> {
    return this.#maintenance.pass();
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    const written = this.#commits.close();
    await this.#maintenance.close();
    await written;
    await this.#storage.close();
  }
}

function wakeAll(state: LogState): void {
  for (const { waiting } of partitionsOf(state)) {
    for (const wake of waiting) wake();
  }
}

import type { Appended, Clock, FetchOptions, OffsetRange, Position, TopicSpec } from "@tidemark/streams";
import { LogUnavailable } from "@tidemark/streams";
import type { EncodedPart } from "./encoded-part.ts";
import { type EmptyingOptions, removalOfAll } from "./emptied-log.ts";
import { Fetcher } from "./fetcher.ts";
import { GroupCommit } from "./group-commit.ts";
import type { LevelInstance } from "./level-instance.ts";
import type { LogLimits } from "./limits.ts";
import type { EncodedSlice, LogCore, WriterEpoch } from "./log-core.ts";
import { partitionOf, partitionsOf, type LogState } from "./log-state.ts";
import { Maintenance } from "./maintenance.ts";
import { PartitionReader } from "./partition-reader.ts";
import { Stamps } from "./stamps.ts";
import { Storage } from "./storage.ts";
import { Topics } from "./topics.ts";
import { Writers } from "./writers.ts";

export interface DiskCoreOptions {
  readonly level: LevelInstance;
  readonly clock: Clock;
  readonly limits: LogLimits;
  readonly onProblem: (error: unknown) => void;
  readonly open: () => Promise<LogState>;
}

/** Puts the parts together; what each promises stands where it is. */
export class DiskCore implements LogCore {
  readonly #storage: Storage;
  readonly #commits: GroupCommit;
  readonly #writers: Writers;
  readonly #topics: Topics;
  readonly #fetcher: Fetcher;
  readonly #maintenance: Maintenance;
  #closed: Promise<void> | null = null;

  constructor({ level, clock, limits, onProblem, open }: DiskCoreOptions, state: LogState) {
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

  fetch(positions: readonly Position[], options: FetchOptions): Promise<readonly EncodedSlice[]> {
    return this.#fetcher.fetch(positions, options);
  }

  append(parts: readonly EncodedPart[], after: number): Promise<Appended> {
    return this.#commits.submit({ parts, after, fenced: () => false, whenUnknown: LogUnavailable });
  }

  openWriter(id: string): Promise<WriterEpoch> {
    return this.#writers.open(id);
  }

  commit(writer: WriterEpoch, parts: readonly EncodedPart[]): Promise<Appended> {
    return this.#writers.commit(writer, parts);
  }

  maintain(): Promise<void> {
    return this.#maintenance.pass();
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  closeEmptied({ disposable, whenEmpty }: EmptyingOptions): Promise<void> {
    this.#closed ??= this.#close(async () => {
      const { level, state } = this.#storage;
      await this.#storage.write(state, await removalOfAll(level, state, disposable));
      await whenEmpty();
    });
    return this.#closed;
  }

  async #close(last?: () => Promise<void>): Promise<void> {
    const written = this.#commits.close();
    await this.#maintenance.close();
    await written;
    try {
      await last?.();
    } finally {
      await this.#storage.close();
    }
  }
}

function wakeAll(state: LogState): void {
  for (const { waiting } of partitionsOf(state)) {
    for (const wake of waiting) wake();
  }
}

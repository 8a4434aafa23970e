import type { Clock, TopicPolicy } from "@tidemark/streams";
import { LogUnavailable } from "@tidemark/streams";
import { compact } from "./compaction.ts";
import type { GroupCommit } from "./group-commit.ts";
import type { LogLimits } from "./limits.ts";
import type { LogState } from "./log-state.ts";
import type { Partition } from "./partition.ts";
import { allSegments, neighbours, purgeSegments, type Segments } from "./purge.ts";
import { expire } from "./retention.ts";
import { isSegmentFull } from "./segment.ts";
import { WriteFailed, type Storage } from "./storage.ts";

export interface MaintenanceContext {
  readonly storage: Storage;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Told of a segment from which records were taken that may still lie on the disk. */
  readonly onRemoved: (segment: number) => void;
}

/**
 * Retention, compaction and purges while the log works: a pass over all partitions now and then, in bounded steps that give
 * way to others between them. What is left undone by a crash or a failure is done by a later pass.
 */
export class Maintenance {
  readonly #storage: Storage;
  readonly #commits: GroupCommit;
  readonly #clock: Clock;
  readonly #limits: LogLimits;
  readonly #problem: (error: unknown) => void;
  readonly #closing = new AbortController();
  readonly #loop: Promise<void>;
  #pass: Promise<void> | null = null;
  /** What is still to be purged, by the last segment: at first all, since what a run before has left is not known. */
  readonly #unpurged: Map<number, Segments>;
  #purgedAt: number;

  constructor(
    storage: Storage,
    commits: GroupCommit,
    clock: Clock,
    limits: LogLimits,
    problem: (error: unknown) => void,
  ) {
    this.#storage = storage;
    this.#commits = commits;
    this.#clock = clock;
    this.#limits = limits;
    this.#problem = problem;
    this.#purgedAt = clock.monotonic();
    this.#unpurged = new Map(allSegments(storage.state).map((segments) => [segments.last, segments]));
    this.#loop = this.#run();
  }

  /** One pass, or the one that is under way. Never rejects: problems are reported. */
  pass(): Promise<void> {
    this.#pass ??= this.#passOver().finally(() => {
      this.#pass = null;
    });
    return this.#pass;
  }

  /** Ends with the step that is under way. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#loop;
    await this.#pass;
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    for (;;) {
      await this.#clock.sleep(this.#limits.maintenanceIntervalMs, signal);
      if (signal.aborted) return;
      await this.pass();
    }
  }

  async #passOver(): Promise<void> {
    if (!this.#storage.available) return;
    const { state } = this.#storage;
    if (isSegmentFull(state, this.#limits, this.#clock.now())) await this.#commits.roll();
    for (const { spec, partitions } of state.topics.values()) {
      for (const partition of partitions) {
        if (this.#closing.signal.aborted) return;
        try {
          await this.#maintain(state, partition, spec.policy);
        } catch (error) {
          this.#problem(error);
          // Then every other partition would fail too; a damaged one is left alone, and the others go on.
          if (error instanceof LogUnavailable || error instanceof WriteFailed) return;
        }
      }
    }
    await this.#purgeWhenDue(state);
  }

  async #purgeWhenDue(state: LogState): Promise<void> {
    const now = this.#clock.monotonic();
    if (now - this.#purgedAt < this.#limits.purgeIntervalMs) return;
    this.#purgedAt = now;
    try {
      for (const segments of neighbours([...this.#unpurged.values()])) {
        if (this.#closing.signal.aborted) return;
        await purgeSegments(this.#storage, state, segments);
        for (let segment = segments.first; segment <= segments.last; segment++) this.#unpurged.delete(segment);
        await this.#clock.yield();
      }
    } catch (error) {
      // The others are left for a later pass.
      this.#problem(error);
    }
  }

  async #maintain(state: LogState, partition: Partition, policy: TopicPolicy): Promise<void> {
    const onRemoved = (segment: number): void => {
      if (!this.#unpurged.has(segment)) this.#unpurged.set(segment, { first: segment, last: segment });
    };
    const context = { storage: this.#storage, clock: this.#clock, signal: this.#closing.signal, onRemoved };
    if (policy.cleanup === "delete") {
      await expire(context, state, partition, this.#clock.now() - policy.retentionMs);
    } else {
      await compact(context, this.#limits, state, partition, policy.compactionLagMsMax);
    }
  }
}

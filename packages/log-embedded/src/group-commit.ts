import { LogUnavailable, TaskFenced, type Appended, type CommitUnknown } from "@tidemark/streams";
import { closingOperation } from "./closed-segment.ts";
import type { EncodedPart } from "./encoded-part.ts";
import { Group } from "./group.ts";
import { inWrites } from "./half-written.ts";
import { copiesValues, type LevelOperation } from "./level-instance.ts";
import type { LogLimits } from "./limits.ts";
import { partitionOf, type LogState } from "./log-state.ts";
import { isSegmentFull, nextSegment, rollSegment } from "./segment.ts";
import { freeBatch } from "./stored-batch.ts";
import type { Stamps } from "./stamps.ts";
import { WriteFailed, type Storage } from "./storage.ts";

/** One append or commit. */
export interface Call {
  readonly parts: readonly EncodedPart[];
  /** The append time will be greater; −1 where it does not matter. */
  readonly after: number;
  /** Whether a newer writer has taken over: then the call is refused. */
  readonly fenced: () => boolean;
  /** What the caller is told where nobody knows whether the group was written. */
  readonly whenUnknown: typeof CommitUnknown | typeof LogUnavailable;
}

/**
 * The one writer of batches. The calls that arrived while a write was under way are the next group: it gets one
 * append time, its offsets and one synced atomic write, or several that are as good as one; then all its calls are answered and the fetches woken.
 * What does not fit waits, and so do its callers: how much of it there is, they bound.
 *
 *  G1 At most one group is in flight; a partition's end moves only when its write has succeeded (L2, L4).
 *  G2 A call is wholly in one group (L1), and calls are taken in the order in which they came.
 *  G3 A fenced call is refused when its group is formed; `settled` waits for the group formed before (L5).
 *  G4 A group that failed leaves nothing in memory: the storage loads everything anew.
 */
export class GroupCommit {
  readonly #storage: Storage;
  readonly #stamps: Stamps;
  readonly #limits: LogLimits;
  readonly #closing = new AbortController();
  readonly #queue: Queued[] = [];
  #rollWanted = false;
  #running: Promise<void> | null = null;
  #inFlight: Promise<void> = Promise.resolve();

  constructor(storage: Storage, stamps: Stamps, limits: LogLimits) {
    this.#storage = storage;
    this.#stamps = stamps;
    this.#limits = limits;
  }

  /** @throws TaskFenced, CommitUnknown, LogUnavailable, TopicMismatch */
  async submit(call: Call): Promise<Appended> {
    if (this.#closing.signal.aborted) throw new LogUnavailable("the log is closed");
    const { state } = this.#storage;
    let bytes = 0;
    for (const part of call.parts) {
      partitionOf(state, part.topic, part.partition);
      bytes += part.framed.length;
    }
    const { promise, resolve, reject } = Promise.withResolvers<Appended>();
    this.#queue.push({ call, bytes, resolve, reject });
    this.#run();
    return promise;
  }

  /** Resolves when every group formed before is visible. @throws LogUnavailable where that is not known */
  async settled(): Promise<void> {
    await this.#inFlight;
    void this.#storage.state;
  }

  /** Closes the segment that is written to, so that retention and compaction may have it. */
  async roll(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#rollWanted = true;
    this.#run();
    await this.#running;
  }

  /** Writes what is queued and takes no more. */
  async close(): Promise<void> {
    this.#closing.abort();
    await this.#running;
  }

  #run(): void {
    this.#running ??= this.#drain();
  }

  /** Rejects only where an invariant is broken, and nobody catches that. */
  async #drain(): Promise<void> {
    try {
      while (this.#queue.length > 0 || this.#rollWanted) {
        // At least one turn of the microtask queue, so that calls made together are written together.
        await this.#stamps.keepPace(this.#closing.signal);
        const state = this.#stateOrRefuse();
        if (state === null) return;
        const flight = this.#fly(state, this.#take());
        this.#inFlight = flight.catch(() => undefined);
        await flight;
      }
    } finally {
      // In the same turn as the look at the queue: whoever comes later starts anew.
      this.#running = null;
    }
  }

  #stateOrRefuse(): LogState | null {
    try {
      return this.#storage.state;
    } catch (error) {
      this.#rollWanted = false;
      for (const { reject } of this.#queue.splice(0)) reject(error);
      return null;
    }
  }

  /** The calls of the next group, in order. */
  #take(): Queued[] {
    const calls: Queued[] = [];
    let bytes = 0;
    let seen = 0;
    for (const queued of this.#queue) {
      if (calls.length > 0 && bytes + queued.bytes > this.#limits.groupBytesMax) break;
      seen += 1;
      if (queued.call.fenced()) {
        queued.reject(new TaskFenced("a newer writer has taken over: this commit was not written")); // G3
      } else {
        calls.push(queued);
        bytes += queued.bytes;
      }
    }
    this.#queue.splice(0, seen);
    return calls;
  }

  async #fly(state: LogState, calls: readonly Queued[]): Promise<void> {
    try {
      if (calls.length > 0) await this.#writeGroup(state, calls);
      else await this.#writeRoll(state);
    } catch (error) {
      for (const { call, reject } of calls) {
        reject(error instanceof WriteFailed ? new call.whenUnknown(error.message, { cause: error.cause }) : error);
      }
      if (!(error instanceof WriteFailed || error instanceof LogUnavailable)) throw error;
    }
  }

  async #writeGroup(state: LogState, calls: readonly Queued[]): Promise<void> {
    const after = calls.reduce((latest, { call }) => Math.max(latest, call.after), -1);
    const group = new Group(state, this.#stamps.next(after));
    const { appendedAt } = group;
    const offsetsBase = calls.map(({ call }) => group.add(call.parts));
    const isLarge = calls.reduce((sum, { bytes }) => sum + bytes, 0) > this.#limits.writeBytesMax;
    const operations = this.#roll(state, appendedAt, isLarge);
    operations.push(...group.operations());
    if (isLarge) {
      const { number } = state.segment;
      const closing = closingOperation(group.content());
      await this.#storage.write(state, ...inWrites(number, operations, closing, this.#limits.writeBytesMax));
    } else {
      await this.#storage.write(state, operations);
    }
    group.apply(copiesValues(this.#storage.level) ? freeBatch : keepBatch);
    if (isLarge) nextSegment(state);
    for (const [index, { resolve }] of calls.entries()) {
      resolve({ appendedAt, offsetsBase: offsetsBase[index] ?? [] });
    }
  }

  async #writeRoll(state: LogState): Promise<void> {
    const operations = this.#roll(state, state.appendedTo, false);
    if (operations.length > 0) await this.#storage.write(state, operations);
  }

  /** What closes the segment where that is due, or wanted for what comes next. */
  #roll(state: LogState, now: number, wanted: boolean): LevelOperation[] {
    const isBegun = state.segment.appendedFrom !== null;
    const due = isSegmentFull(state, this.#limits, now) || (isBegun && (wanted || this.#rollWanted));
    this.#rollWanted = false;
    if (!due) return [];
    this.#storage.beginFile();
    return [rollSegment(state)];
  }
}

function keepBatch(): void {
  // Level has it.
}

interface Queued {
  readonly call: Call;
  /** Of all its parts. */
  readonly bytes: number;
  readonly resolve: (appended: Appended) => void;
  readonly reject: (error: unknown) => void;
}

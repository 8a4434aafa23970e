import type { Clock } from "./clock.ts";
import type { ClockGuard } from "./clock-guard.ts";
import type { EventLog, Slice } from "./event-log.ts";
import type { TaskLimits } from "./limits.ts";
import { InputBuffer, type InputTopic } from "./merge.ts";
import { Notifier } from "./notifier.ts";
import type { StageTimes } from "./stages.ts";

/**
 * Fills the buffers of a task's inputs; a full buffer is not fetched (back-pressure).
 * It owns the fetch positions; the turns own what they have taken.
 */
export class InputFetcher {
  readonly buffers: readonly InputBuffer[];
  /** One past the newest record of each input when last seen; null before the first answer. */
  readonly offsetsEnd: (number | null)[];
  /** Fires after each answer, also an empty one, since that too lets time go on. */
  readonly arrived = new Notifier();
  readonly #taken = new Notifier();
  readonly #options: FetcherOptions;
  #starving = false;
  #recordsMax: number;
  /** Ends the wait of the fetch under way. */
  #waiting = new AbortController();
  /** Inputs that the fetch under way does not ask for, since their buffers are full. */
  #leftOut: readonly InputBuffer[] = [];

  constructor(options: FetcherOptions, offsets: readonly number[]) {
    this.#options = options;
    this.buffers = options.inputs.map((input) => new InputBuffer(input, offsets[input.rank] ?? 0));
    this.offsetsEnd = options.inputs.map(() => null);
    this.#recordsMax = options.limits.bufferRecordsMax;
  }

  /** A turn took so many records out of the buffers; where it could take none, the next ones wait for an input that was not seen to its end. */
  onTaken(records: number): void {
    const isEmpty = this.buffers.every((buffer) => buffer.length === 0);
    this.#starving = records === 0 && !isEmpty;
    // A turn that took all there was would have taken more.
    const { bufferRecordsMin, bufferRecordsMax } = this.#options.limits;
    const wanted = isEmpty ? bufferRecordsMax : Math.max(TURNS_AHEAD * records, bufferRecordsMin);
    this.#recordsMax = Math.min(wanted, bufferRecordsMax);
    this.#taken.notify();
    // An input that was left out for want of room does not wait until there is news of the others.
    if (this.#leftOut.some((buffer) => this.#hasRoom(buffer))) this.#waiting.abort();
  }

  async run(signal: AbortSignal): Promise<void> {
    const { log, partition, limits, clock, stages } = this.#options;
    while (!signal.aborted) {
      const open = this.buffers.filter((buffer) => this.#hasRoom(buffer));
      if (open.length === 0) {
        await this.#taken.wait();
        continue;
      }
      this.#leftOut = this.buffers.filter((buffer) => !this.#hasRoom(buffer));
      this.#waiting = new AbortController();
      const startedAt = clock.monotonic();
      const positions = open.map((buffer) => ({ topic: buffer.topic, partition, offset: buffer.offsetNext }));
      const waitMsMax = this.#waitMsMax();
      const slices = await log.fetch(positions, {
        bytesMaxPerPartition: limits.fetchBytesMax,
        waitMsMax,
        signal: this.#waiting.signal,
      });
      if (slices.some((slice) => slice.records.length > 0)) stages.readMs += clock.monotonic() - startedAt;
      for (const [index, slice] of slices.entries()) {
        const buffer = open[index];
        if (buffer !== undefined) this.#take(buffer, slice);
      }
      this.arrived.notify();
    }
  }

  /** Wakes a run that waits, so that it sees its signal. */
  stop(): void {
    this.#taken.notify();
    this.#waiting.abort();
  }

  /** The first answer tells what there is to do, which nobody knows before: it does not wait for more. */
  #waitMsMax(): number {
    if (this.offsetsEnd.includes(null)) return 0;
    return this.#starving ? STARVING_WAIT_MS : this.#options.limits.fetchWaitMs;
  }

  /** What one input has beyond the time up to which another was read cannot be taken yet: a little of it is enough, however much there is. */
  #hasRoom(buffer: InputBuffer): boolean {
    const { bufferRecordsMin, bufferBytesMax } = this.#options.limits;
    const isAhead = this.buffers.some(({ completeTo }) => completeTo < buffer.completeTo);
    const recordsMax = isAhead ? Math.min(bufferRecordsMin, this.#recordsMax) : this.#recordsMax;
    return buffer.length < recordsMax && buffer.bytes < bufferBytesMax;
  }

  #take(buffer: InputBuffer, { records, offsetEnd, offsetNext, completeTo }: Slice): void {
    const { clockGuard } = this.#options;
    this.offsetsEnd[buffer.rank] = offsetEnd;
    const last = records.at(-1);
    if (last !== undefined) clockGuard.saw(last.appendedAt);
    for (const record of records) {
      // However small the records: the others are fetched again. None of them is earlier than the first.
      if (buffer.length >= OVERSHOOT * this.#recordsMax) {
        buffer.completeTo = Math.max(buffer.completeTo, record.appendedAt);
        return;
      }
      buffer.push(record);
    }
    buffer.offsetNext = offsetNext;
    buffer.completeTo = Math.max(buffer.completeTo, completeTo);
  }
}

export interface FetcherOptions {
  readonly inputs: readonly InputTopic[];
  readonly log: EventLog;
  readonly clock: Clock;
  readonly clockGuard: ClockGuard;
  readonly partition: number;
  readonly limits: TaskLimits;
  readonly stages: StageTimes;
}

const STARVING_WAIT_MS = 2;

/** Turns like the last that the buffers hold records for: while one is worked on, the next is fetched. */
const TURNS_AHEAD = 2;

/** A fetch may fill a buffer beyond its bound of records, to this many times the bound. */
const OVERSHOOT = 2;

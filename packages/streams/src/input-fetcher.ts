import type { Application, Refusal } from "./application.ts";
import type { Clock } from "./clock.ts";
import type { ClockGuard } from "./clock-guard.ts";
import type { EventLog, Slice } from "./event-log.ts";
import { decodeInput, inputTopics, keyText } from "./input-record.ts";
import type { TaskLimits } from "./limits.ts";
import { InputBuffer } from "./merge.ts";
import { Notifier } from "./notifier.ts";
import { Slicer } from "./slicer.ts";
import type { StageTimes } from "./stages.ts";

/**
 * Fills the buffers of a task's inputs, decoding as it goes; a full buffer is not fetched (back-pressure).
 * It owns the fetch positions; the turns own what they have taken.
 */
export class InputFetcher<State, Event> {
  readonly buffers: readonly InputBuffer<Event>[];
  /** One past the newest record of each input when last seen; null before the first answer. */
  readonly offsetsEnd: (number | null)[];
  /** Fires after each answer, also an empty one, since that too lets time go on. */
  readonly arrived = new Notifier();
  readonly #taken = new Notifier();
  readonly #options: FetcherOptions<State, Event>;
  #starving = false;
  /** Ends the wait of the fetch under way. */
  #waiting = new AbortController();
  /** Inputs that the fetch under way does not ask for, since their buffers are full. */
  #leftOut: readonly InputBuffer<Event>[] = [];

  constructor(options: FetcherOptions<State, Event>, offsets: readonly number[]) {
    this.#options = options;
    const topics = inputTopics(options.application);
    this.buffers = topics.map((topic, rank) => new InputBuffer(topic, rank, offsets[rank] ?? 0));
    this.offsetsEnd = topics.map(() => null);
  }

  /** Records were taken out of the buffers. `starving`: the next ones wait for an input that was not seen to its end. */
  onTaken(starving: boolean): void {
    this.#starving = starving;
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
      const waitMsMax = this.#starving ? STARVING_WAIT_MS : limits.fetchWaitMs;
      const slices = await log.fetch(positions, {
        bytesMaxPerPartition: limits.fetchBytesMax,
        waitMsMax,
        signal: this.#waiting.signal,
      });
      if (slices.some((slice) => slice.records.length > 0)) stages.readMs += clock.monotonic() - startedAt;
      for (const [index, slice] of slices.entries()) {
        const buffer = open[index];
        if (buffer !== undefined) await this.#take(buffer, slice, signal);
      }
      this.arrived.notify();
    }
  }

  /** Wakes a run that waits, so that it sees its signal. */
  stop(): void {
    this.#taken.notify();
    this.#waiting.abort();
  }

  #hasRoom(buffer: InputBuffer<Event>): boolean {
    const { bufferRecordsMax, bufferBytesMax } = this.#options.limits;
    return buffer.length < bufferRecordsMax && buffer.bytes < bufferBytesMax;
  }

  async #take(buffer: InputBuffer<Event>, slice: Slice, signal: AbortSignal): Promise<void> {
    const { application, clock, limits, stages } = this.#options;
    const slicer = new Slicer(clock, limits.sliceMsMax);
    this.offsetsEnd[buffer.rank] = slice.offsetEnd;
    let full = false;
    for (const record of slice.records) {
      if (buffer.length >= OVERSHOOT * limits.bufferRecordsMax) {
        full = true; // However small the records: the others are fetched again.
        break;
      }
      const key = keyText(record.key);
      let content = decodeInput(application, this.#options, buffer.rank, record, key);
      if (content.kind === "schema-missing") {
        // What came before it can be taken while the registry is waited for.
        this.arrived.notify();
        if (!(await this.#loadSchema(content.schemaId, signal))) return;
        content = decodeInput(application, this.#options, buffer.rank, record, key);
        if (content.kind === "schema-missing") content = SCHEMA_UNKNOWN;
      }
      buffer.push({ input: buffer.rank, record, key, content });
      if (slicer.due()) await slicer.pause();
    }
    const last = slice.records.at(-1);
    if (last !== undefined) {
      this.#options.clockGuard.saw(last.appendedAt);
      stages.decodeMs += slicer.workedMs();
    }
    if (full) return;
    buffer.offsetNext = slice.offsetNext;
    buffer.completeTo = Math.max(buffer.completeTo, slice.completeTo);
  }

  /** An unknown schema holds the partition up until the registry answers; nothing overtakes the record. */
  async #loadSchema(schemaId: number, signal: AbortSignal): Promise<boolean> {
    const { application, clock, limits } = this.#options;
    for (let waitMs = limits.backoffMsMin; !signal.aborted; waitMs = Math.min(waitMs * 2, limits.backoffMsMax)) {
      try {
        await application.loadSchema(schemaId);
        return true;
      } catch {
        this.#options.onRegistryUnavailable();
        await clock.sleep(waitMs, signal);
      }
    }
    return false;
  }
}

export interface FetcherOptions<State, Event> {
  readonly application: Application<State, Event>;
  readonly log: EventLog;
  readonly clock: Clock;
  readonly clockGuard: ClockGuard;
  readonly partition: number;
  readonly partitions: number;
  readonly limits: TaskLimits;
  readonly stages: StageTimes;
  onRegistryUnavailable(): void;
}

const STARVING_WAIT_MS = 2;

/** A fetch may fill a buffer beyond its bound of records, to this many times the bound. */
const OVERSHOOT = 2;

/** To ask again would be to ask for ever. */
const SCHEMA_UNKNOWN: Refusal = {
  kind: "refused",
  code: "SCHEMA_UNKNOWN",
  reason: "the schema of the record could not be made known",
};

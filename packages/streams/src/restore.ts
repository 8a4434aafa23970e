import { BARRIER_KEY, parseChangelogKey } from "./changelog.ts";
import type { Clock } from "./clock.ts";
import { markerName } from "./marker-name.ts";
import { InvariantBroken } from "./errors.ts";
import type { EventLog, LogRecord, Slice } from "./event-log.ts";
import { Slicer } from "./slicer.ts";

/**
 * Reads a changelog partition in order and hands over what it says: to a task up to its own barrier, to a view
 * for ever. It owns the position and nothing else.
 */
export class ChangelogReader {
  readonly #source: ChangelogSource;
  readonly #sink: ChangelogSink;
  #position: number;
  #offsetEnd = 0;

  constructor(source: ChangelogSource, sink: ChangelogSink, position: number) {
    this.#source = source;
    this.#sink = sink;
    this.#position = position;
  }

  /** Offset of the next record; everything before it was handed over. */
  get position(): number {
    return this.#position;
  }

  /** One past the newest record when last looked at. */
  get offsetEnd(): number {
    return this.#offsetEnd;
  }

  /**
   * Fetches once and hands over what came, in slices.
   * @param stopAt records from this offset on are left
   */
  async step(signal: AbortSignal, stopAt: number): Promise<void> {
    const { log, topic, partition, clock, fetchBytesMax, fetchWaitMs, sliceMsMax } = this.#source;
    const [slice] = await log.fetch([{ topic, partition, offset: this.#position }], {
      bytesMaxPerPartition: fetchBytesMax,
      waitMsMax: fetchWaitMs,
      signal,
    });
    if (slice === undefined) throw new InvariantBroken("a fetch answers every position");
    this.#offsetEnd = slice.offsetEnd;
    // One commit may bring news to every reader of a thread at once: they take them one after the other.
    if (slice.records.length > RECORDS_AT_ONCE) await clock.yield();
    const slicer = new Slicer(clock, sliceMsMax);
    for (const record of slice.records) {
      if (record.offset >= stopAt) {
        this.#position = stopAt;
        return;
      }
      const full = this.#handOver(record);
      this.#position = record.offset + 1;
      if (full) await this.#sink.flush(this.#position);
      if (slicer.due()) await slicer.pause();
    }
    this.#position = Math.min(slice.offsetNext, stopAt);
  }

  /** @returns whether the sink wants to be flushed */
  #handOver(record: LogRecord): boolean {
    const key = record.key === null ? null : parseChangelogKey(record.key);
    if (key === null) {
      throw new InvariantBroken(`changelog record ${record.offset} has a key that no version of this code writes`);
    }
    if (key.kind === "state") return this.#sink.state(key.key, record.value, record.offset);
    if (key.kind === "marker") return this.#sink.state(markerName(key.key), record.value, record.offset);
    if (key.kind === "journal" && record.value !== null) this.#sink.journal(record.value);
    return false;
  }

  /** The encoded barrier at exactly this offset, or null if another record or none is there. */
  static async barrierAt(source: ChangelogSource, offset: number, signal: AbortSignal): Promise<Uint8Array | null> {
    const options = { bytesMaxPerPartition: 1, waitMsMax: source.fetchWaitMs, signal };
    let slice: Slice | undefined;
    do {
      // Answered is not yet visible (L4).
      [slice] = await source.log.fetch([{ topic: source.topic, partition: source.partition, offset }], options);
    } while (slice !== undefined && slice.offsetEnd <= offset && !signal.aborted);
    const record = slice?.records[0];
    if (
      record?.offset !== offset ||
      record.key === null ||
      record.key[0] !== BARRIER_KEY[0] ||
      record.key.length !== 1
    ) {
      return null;
    }
    return record.value;
  }
}

/** Records handed over without giving way first. */
const RECORDS_AT_ONCE = 32;

export interface ChangelogSource {
  readonly log: EventLog;
  readonly topic: string;
  readonly partition: number;
  readonly clock: Clock;
  readonly fetchBytesMax: number;
  readonly fetchWaitMs: number;
  readonly sliceMsMax: number;
}

export interface ChangelogSink {
  /**
   * @param key of a state, or the name of a marker
   * @returns whether the sink wants to be flushed before it takes more
   */
  state(key: string, value: Uint8Array | null, offset: number): boolean;
  journal(value: Uint8Array): void;
  flush(offset: number): Promise<void>;
}

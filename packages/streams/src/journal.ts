import type { SweepCursor } from "./sweep.ts";

/**
 * What a turn leaves in the log beside its results: enough to go on after any crash and to replay the turn (R1).
 * It lies in the changelog under one key and, for as long as the longest input is kept, in the journal topic.
 */
export interface JournalEntry {
  /** 1 for the first turn of a partition, then rising by 1. */
  readonly turn: number;
  /** The barrier token of the owner that committed the turn. */
  readonly token: string;
  /** Offset of the next record to apply, for each input topic. */
  readonly offsets: readonly JournalOffset[];
  readonly tickMs: number;
  readonly tickKey: string | null;
  readonly mode: ClockMode;
  /** Id of the model that the turn was scored with; "" = an earlier release, which named none that could be asked for. */
  readonly model: string;
  /** How far the sweep that the last model switch began has come. */
  readonly sweepAfter: SweepCursor;
  /** Since the partition's first turn; their sum is the number of input records taken (I2). */
  readonly counts: OutcomeCounts;
  /** An owner whose code is older than this declines the partition (R16). */
  readonly minReaderVersion: number;
  /** Of the secret that the partition's markers are made with; null = nothing was erased yet. */
  readonly erasureCheck: string | null;
}

export interface JournalOffset {
  readonly topic: string;
  readonly next: number;
}

export interface OutcomeCounts {
  readonly applied: number;
  readonly duplicate: number;
  readonly suppressed: number;
  readonly deadLetter: number;
  readonly ticks: number;
}

/** `wall`: time goes by the log's append times. `event`: only TICK records move it (R4). */
export type ClockMode = "wall" | "event";

/** A record on the changelog by which an owner finds where its predecessor's writes end. */
export interface Barrier {
  /** Random, compared only for equality. */
  readonly token: string;
  readonly owner: string;
}

/** How the domain's serialisation writes the runtime's own records. */
export interface JournalCodec {
  encodeEntry(entry: JournalEntry): Uint8Array;
  decodeEntry(bytes: Uint8Array): JournalEntry;
  encodeBarrier(barrier: Barrier): Uint8Array;
  decodeBarrier(bytes: Uint8Array): Barrier;
}

/**
 * Version of what this code writes and reads, states included: it rises when older code would drop a part of them. A journal that wants
 * newer code is declined. 2: profiles hold more than version 1 of their schema. 3: so they do than version 2; markers of erased keys;
 * sweeps and models by name.
 */
export const READER_VERSION = 3;

export const COUNTS_START: OutcomeCounts = { applied: 0, duplicate: 0, suppressed: 0, deadLetter: 0, ticks: 0 };

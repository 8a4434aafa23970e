import {
  type Contracts,
  type ImportProgress,
  MalformedRecord,
  type Purchase,
  SchemaMissing,
} from "@tidemark/contracts";
import { type Clock, type EventLog, oneAtATime, type PartitionBatch, readToEnd } from "@tidemark/streams";
import { BatchBuilder } from "./batch-builder.ts";
import { decodeValue } from "./decode-value.ts";

/** One step of an import, in the order of the file. */
export type ImportItem =
  | { readonly type: "purchase"; readonly record: Purchase }
  /** Clock mode `event`: time moves to `at`, ms since the epoch. */
  | { readonly type: "tick"; readonly at: number };

export interface ImportChunk {
  /** SHA-256 of the file's content, lower-case hexadecimal. */
  readonly digest: string;
  /** Items of the file before this chunk; must be what the ledger has. */
  readonly from: number;
  readonly items: readonly ImportItem[];
  /** Whether the file ends with this chunk. */
  readonly complete: boolean;
}

export interface ImportStatus {
  readonly itemsDone: number;
  readonly complete: boolean;
}

/** Where an import goes: the log itself, or the server that holds it. */
export interface ImportTarget {
  /** How far the import of a file is durable; nothing known of it is 0. @throws LogUnavailable */
  progress(digest: string): Promise<ImportStatus>;
  /** @throws ImportConflict (ask for progress and go on there), LogUnavailable (the same) */
  append(chunk: ImportChunk): Promise<void>;
}

/** The chunk does not follow what is durable of its file. */
export class ImportConflict extends Error {
  readonly code = "IMPORT_CONFLICT";
  readonly status: ImportStatus;

  constructor(status: ImportStatus) {
    super("the chunk does not begin where the import stands");
    this.status = status;
  }
}

export interface ImportTargetOptions {
  readonly log: EventLog;
  readonly contracts: Contracts;
  readonly clock: Pick<Clock, "now" | "yield">;
  /** Of every topic keyed by customer, and of the ticks. */
  readonly partitions: number;
}

/** Files whose progress is remembered; of older ones the topic is asked again. */
const FILES_MAX = 10_000;
/** Purchases in one append: a few batches' worth, so that the log takes others' in between. */
const SEGMENT_ITEMS_MAX = 5000;
/** Encoded at a stretch, so that queries need not wait. */
const ITEMS_A_SLICE = 128;
const FETCH_BYTES_MAX = 1024 * 1024;
const LEDGER_PARTITION = 0;

/**
 * Appends imported files to the log, each exactly once, whatever interrupts or repeats the import.
 *
 * Owns the ledger: the compacted topic `imports`, newest record of a digest = how far that file is in.
 *  M1 A segment's records and the ledger record that counts them are one atomic append: never one without the other.
 *  M2 A chunk is taken only where the ledger stands. One process at a time imports a file; calls are served in turn.
 *  M3 A tick has the append time of the purchases right before it, which come first in the merge; what follows a tick has a
 *     greater one (R4). One append for both: no task ever sees the purchases of a day without the tick that ends it.
 *  M4 After a failed append nothing is assumed: the ledger is read up to its end before every chunk.
 */
export function createImportTarget(options: ImportTargetOptions): ImportTarget {
  const ledger = new Ledger(options);
  const inTurn = oneAtATime();
  return {
    progress: (digest) => inTurn(() => ledger.status(digest)),
    append: (chunk) => inTurn(() => appendChunk(options, ledger, chunk)),
  };
}

async function appendChunk(options: ImportTargetOptions, ledger: Ledger, chunk: ImportChunk): Promise<void> {
  const status = await ledger.status(chunk.digest);
  if (status.complete || status.itemsDone !== chunk.from) throw new ImportConflict(status);
  const segments = segmentsOf(chunk.items);
  if (segments.length === 0) segments.push([]);
  let itemsDone = chunk.from;
  for (const [index, segment] of segments.entries()) {
    itemsDone += segment.length;
    const complete = chunk.complete && index === segments.length - 1;
    const record = { digest: chunk.digest, itemsDone, complete, at: options.clock.now() };
    const batches = [...(await batchesOf(options, segment)), ledger.batchOf(record)];
    // M3. The ledger's newest record has the append time of the segment before this one.
    const { appendedAt } = await options.log.append(
      batches,
      ledger.appendedAt === null ? {} : { after: ledger.appendedAt },
    );
    ledger.note(record, appendedAt);
  }
}

/** Runs of purchases, bounded, each with the tick that follows it. */
function segmentsOf(items: readonly ImportItem[]): ImportItem[][] {
  const segments: ImportItem[][] = [];
  let open: ImportItem[] | null = null;
  for (const item of items) {
    if (open === null || (item.type === "purchase" && open.length >= SEGMENT_ITEMS_MAX)) {
      open = [];
      segments.push(open);
    }
    open.push(item);
    if (item.type === "tick") open = null;
  }
  return segments;
}

async function batchesOf(
  { contracts, clock, partitions }: ImportTargetOptions,
  segment: readonly ImportItem[],
): Promise<readonly PartitionBatch[]> {
  const { topics, codecs } = contracts;
  const batches = new BatchBuilder(partitions);
  for (const [index, item] of segment.entries()) {
    if (index % ITEMS_A_SLICE === ITEMS_A_SLICE - 1) await clock.yield();
    if (item.type === "purchase") {
      batches.add(topics.purchases, item.record.customerId, codecs.purchases.encode(item.record));
      continue;
    }
    const value = codecs.ticks.encode({ at: item.at });
    for (let partition = 0; partition < partitions; partition++) {
      batches.addTo(topics.ticks, partition, { key: null, value });
    }
  }
  return batches.build();
}

const NOT_BEGUN: ImportStatus = { itemsDone: 0, complete: false };

/** The ledger as this process knows it. */
class Ledger {
  readonly #log: EventLog;
  readonly #contracts: Contracts;
  /** Newest use last; beyond {@link FILES_MAX} the oldest is forgotten. */
  readonly #statuses = new Map<string, ImportStatus>();
  #hasForgotten = false;
  #offset = 0;
  #appendedAt: number | null = null;

  constructor({ log, contracts }: ImportTargetOptions) {
    this.#log = log;
    this.#contracts = contracts;
  }

  /** Append time of its newest record; null = it is empty. */
  get appendedAt(): number | null {
    return this.#appendedAt;
  }

  /** M4. */
  async status(digest: string): Promise<ImportStatus> {
    this.#offset = await this.#read(this.#offset, (record, appendedAt) => this.note(record, appendedAt));
    const known = this.#statuses.get(digest);
    if (known !== undefined || !this.#hasForgotten) return known ?? NOT_BEGUN;
    let found = NOT_BEGUN;
    await this.#read(0, (record) => {
      if (record.digest === digest) found = record;
    });
    return { itemsDone: found.itemsDone, complete: found.complete };
  }

  note({ digest, itemsDone, complete }: ImportProgress, appendedAt: number): void {
    this.#appendedAt = Math.max(appendedAt, this.#appendedAt ?? 0);
    this.#statuses.delete(digest);
    this.#statuses.set(digest, { itemsDone, complete });
    if (this.#statuses.size <= FILES_MAX) return;
    const [oldest] = this.#statuses.keys();
    if (oldest !== undefined) this.#statuses.delete(oldest);
    this.#hasForgotten = true;
  }

  batchOf(record: ImportProgress): PartitionBatch {
    const { topics, codecs } = this.#contracts;
    const entry = { key: Buffer.from(record.digest), value: codecs.imports.encode(record) };
    return { topic: topics.imports, partition: LEDGER_PARTITION, records: [entry] };
  }

  /** Reads the topic up to its end. @returns offset of the next record to come */
  async #read(from: number, take: (record: ImportProgress, appendedAt: number) => void): Promise<number> {
    const place = { topic: this.#contracts.topics.imports, partition: LEDGER_PARTITION };
    let reached = from;
    for await (const slice of readToEnd(this.#log, place, { from, bytesMax: FETCH_BYTES_MAX, signal: NEVER })) {
      for (const { value, appendedAt } of slice.records) {
        const record = value === null ? null : await this.#recordOf(value);
        if (record !== null) take(record, appendedAt);
      }
      reached = slice.offsetNext;
    }
    return reached;
  }

  /** null where it cannot be read: none of ours is like that, and what somebody else wrote must not keep every file out for good. */
  async #recordOf(value: Uint8Array): Promise<ImportProgress | null> {
    try {
      return await decodeValue<ImportProgress>(this.#contracts, this.#contracts.codecs.imports, value);
    } catch (error) {
      if (error instanceof MalformedRecord || error instanceof SchemaMissing) return null;
      throw error;
    }
  }
}

const NEVER = new AbortController().signal;

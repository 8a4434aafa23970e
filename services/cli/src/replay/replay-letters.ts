import { type Contracts, type DeadLetter, SchemaMissing } from "@tidemark/contracts";
import { BatchBuilder } from "@tidemark/gateway";
import { type Clock, type EventLog, readToEnd } from "@tidemark/streams";

/** Which dead letters are put back. */
export interface ReplayFilter {
  /** Of this code only; null = whatever the reason was. */
  readonly code: string | null;
  /** Those too that were put back before. */
  readonly again: boolean;
}

export interface ReplaySummary {
  /** Dead letters looked at. */
  readonly letters: number;
  /** Put back into the topic they came from. */
  readonly replayed: number;
  /** Of another code. */
  readonly others: number;
  /** Whose record is nowhere any more, or of which nobody can say where it belongs: no key, no topic of ours. */
  readonly lost: number;
}

export interface ReplayOptions {
  readonly log: EventLog;
  readonly contracts: Contracts;
  /** Of every topic keyed by customer. */
  readonly partitions: number;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * Puts dead letters back to the end of the topics they came from, each into the partition of its key.
 *
 *  D1 How far the letters of a partition were put back is kept in the topic `imports`, in the same atomic append that puts them
 *     back: after a kill at any instant each is put back once. One that fails anew is a new letter.
 *  D2 An event that was applied after all, through another sender, is a duplicate: its id is known.
 *
 * @throws LogUnavailable; the signal's reason
 */
export async function replayLetters(options: ReplayOptions, filter: ReplayFilter): Promise<ReplaySummary> {
  const { log, contracts, signal } = options;
  const topic = contracts.topics.deadLetters;
  const done = filter.again ? new Map<string, number>() : await readLedger(options);
  const sum = { letters: 0, replayed: 0, others: 0, lost: 0 };
  for (let partition = 0; partition < options.partitions; partition += 1) {
    const ledgerKey = keyOf(partition, filter);
    const reading = { from: done.get(ledgerKey) ?? 0, bytesMax: FETCH_BYTES_MAX, signal };
    for await (const { records, offsetNext } of readToEnd(log, { topic, partition }, reading)) {
      const batches = new BatchBuilder(options.partitions);
      let count = 0;
      for (const { value } of records) {
        if (value === null) continue;
        sum.letters += 1;
        const letter = await decoded(contracts, value);
        if (filter.code !== null && letter.code !== filter.code) {
          sum.others += 1;
          continue;
        }
        const record = await recordOf(options, letter);
        if (record === null) {
          sum.lost += 1;
          continue;
        }
        batches.add(letter.topic, record.key, record.value);
        count += 1;
      }
      const progress = { digest: ledgerKey, itemsDone: offsetNext, complete: false, at: options.clock.now() };
      batches.addTo(contracts.topics.imports, LEDGER_PARTITION, {
        key: Buffer.from(ledgerKey),
        value: contracts.codecs.imports.encode(progress),
      });
      if (count > 0) await log.append(batches.build()); // D1
      sum.replayed += count;
    }
  }
  return sum;
}

const LEDGER_PARTITION = 0;
/** So much at a time that what is put back fits one append. */
const FETCH_BYTES_MAX = 256 * 1024;

function keyOf(partition: number, { code }: ReplayFilter): string {
  return `dead-letters/${partition}${code === null ? "" : `/${code}`}`;
}

async function readLedger({ log, contracts, signal }: ReplayOptions): Promise<ReadonlyMap<string, number>> {
  const place = { topic: contracts.topics.imports, partition: LEDGER_PARTITION };
  const done = new Map<string, number>();
  for await (const { records } of readToEnd(log, place, { bytesMax: FETCH_BYTES_MAX, signal })) {
    for (const { value } of records) {
      if (value === null) continue;
      const { digest, itemsDone } = contracts.codecs.imports.decode(value);
      if (digest.startsWith("dead-letters/")) done.set(digest, itemsDone);
    }
  }
  return done;
}

async function decoded(contracts: Contracts, value: Uint8Array): Promise<DeadLetter> {
  try {
    return contracts.codecs.deadLetters.decode(value);
  } catch (error) {
    if (!(error instanceof SchemaMissing)) throw error;
    await contracts.load(error.id);
    return contracts.codecs.deadLetters.decode(value);
  }
}

/** A value too large for a letter is still where it came from, as long as it is kept there. */
async function recordOf(
  { log, contracts, signal }: ReplayOptions,
  { topic, partition, offset, key, value }: DeadLetter,
): Promise<{ readonly key: string; readonly value: Uint8Array } | null> {
  const { purchases, interactions, complaints, customers } = contracts.topics;
  if (key === null || ![purchases, interactions, complaints, customers].includes(topic)) return null;
  if (value !== null) return { key: Buffer.from(key).toString(), value };
  const { start, end } = await log.offsets(topic, partition);
  if (offset < start || offset >= end) return null;
  const [slice] = await log.fetch([{ topic, partition, offset }], { bytesMaxPerPartition: 1, waitMsMax: 0, signal });
  const original = slice?.records.find((record) => record.offset === offset)?.value ?? null;
  return original === null ? null : { key: Buffer.from(key).toString(), value: original };
}

import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { type Contracts, parseInputEvent } from "@tidemark/contracts";
import { type EventLog, type LogRecord, partitionOf, type RecordToAppend } from "@tidemark/streams";
import { Random } from "../simulation/random.ts";

/** Purchases that go on, some in every batch to every partition, until they are stopped. */
export interface PurchaseLoad {
  /** Records that are in the log. */
  readonly records: number;
  /** @throws what an append failed with */
  stop(): Promise<void>;
}

const AMOUNT_MINOR = 1_000;
const CUSTOMERS = 60;
const BATCH_RECORDS = 12;

export function startPurchases(log: EventLog, contracts: Contracts, partitions: number, everyMs: number): PurchaseLoad {
  const random = new Random(5);
  const topic = contracts.topics.purchases;
  const stop = new AbortController();
  let records = 0;
  let made = 0;
  const running = run();
  running.catch(() => undefined);
  return {
    get records() {
      return records;
    },
    async stop() {
      stop.abort();
      await running;
    },
  };

  async function run(): Promise<void> {
    while (!stop.signal.aborted) {
      const batch = Array.from({ length: BATCH_RECORDS }, purchase);
      const byPartition = Map.groupBy(batch, ({ key }) => partitionOf(key, partitions));
      await log.append([...byPartition].map(([partition, own]) => ({ topic, partition, records: own })));
      records += batch.length;
      await pause(everyMs);
    }
  }

  function purchase(): RecordToAppend & { readonly key: Buffer } {
    made += 1;
    const customerId = `customer-${random.integer(CUSTOMERS)}`;
    const event = parseInputEvent(
      {
        type: "purchase",
        kind: "PURCHASE",
        currency: "USD",
        eventId: `event-${made}`,
        customerId,
        occurredAt: Date.now(),
        amountMinor: AMOUNT_MINOR,
      },
      { referenceAt: null },
    );
    assert(event.ok && event.topic === "purchases");
    return { key: Buffer.from(customerId), value: contracts.codecs.purchases.encode(event.record) };
  }
}

/** What a run left in the log, held against the invariants. @returns the longest time in which a partition told no new score, ms */
export async function checkLog(log: EventLog, contracts: Contracts, partitions: number): Promise<number> {
  const { topics } = contracts;
  let gapMs = 0;
  for (let partition = 0; partition < partitions; partition++) {
    const purchases = await readAll(log, topics.purchases, partition);
    const scores = await readAll(log, topics.scores, partition);
    const changelog = await readAll(log, topics.processorState, partition);
    checkVersions(scores, contracts);
    checkOwners(changelog, purchases.length, contracts);
    checkProfiles(purchases, changelog, contracts);
    for (const [index, { appendedAt }] of scores.entries()) {
      gapMs = Math.max(gapMs, appendedAt - (scores[index - 1]?.appendedAt ?? appendedAt));
    }
  }
  return gapMs;
}

/** I3. */
function checkVersions(scores: readonly LogRecord[], { codecs }: Contracts): void {
  const versions = new Map<string, number>();
  for (const { key, value } of scores) {
    const customer = text(key);
    const version = (versions.get(customer) ?? 0) + 1;
    assert.equal(codecs.scores.decode(value ?? Buffer.of()).version, version, "I3: versions rise by exactly 1");
    versions.set(customer, version);
  }
}

/** I7 and I2: only the newest owner commits, turns have no gap, and the last one has counted every input record. */
function checkOwners(changelog: readonly LogRecord[], inputs: number, { codecs }: Contracts): void {
  let token: string | null = null;
  let turn = 0;
  let counted = 0;
  for (const { key, value } of changelog) {
    if (text(key) === "b") ({ token } = codecs.barrier.decode(value ?? Buffer.of()));
    if (text(key) !== "j") continue;
    const entry = codecs.journal.decode(value ?? Buffer.of());
    assert.equal(entry.token, token, "I7: only the newest owner commits");
    turn += 1;
    assert.equal(entry.turn, turn, "turns are numbered without a gap");
    const { applied, duplicate, suppressed, deadLetter } = entry.counts;
    counted = applied + duplicate + suppressed + deadLetter;
    assert.equal(counted, applied, "I2: every purchase is new and is applied");
  }
  assert.equal(counted, inputs, "I2: every record has exactly one outcome");
}

/** I1: each profile has as many purchases as the customer has in the log. */
function checkProfiles(purchases: readonly LogRecord[], changelog: readonly LogRecord[], { codecs }: Contracts): void {
  const bought = new Map<string, number>();
  for (const { key } of purchases) bought.set(text(key), (bought.get(text(key)) ?? 0) + 1);
  const known = new Map<string, number>();
  for (const { key, value } of changelog) {
    if (!text(key).startsWith("p")) continue;
    known.set(text(key).slice(1), codecs.processorState.decode(value ?? Buffer.of()).grossMinor / AMOUNT_MINOR);
  }
  assert.deepEqual(known, bought, "I1: profiles are those of the log");
}

async function readAll(log: EventLog, topic: string, partition: number): Promise<LogRecord[]> {
  const { start, end } = await log.offsets(topic, partition);
  const records: LogRecord[] = [];
  for (let offset = start; offset < end;) {
    const [slice] = await log.fetch([{ topic, partition, offset }], {
      bytesMaxPerPartition: 1_000_000,
      waitMsMax: 500,
      signal: new AbortController().signal,
    });
    records.push(...(slice?.records ?? []));
    offset = slice?.offsetNext ?? end;
  }
  return records;
}

function text(bytes: Uint8Array | null): string {
  return Buffer.from(bytes ?? []).toString();
}

import {
  assert,
  CommitUnknown,
  LogUnavailable,
  TaskFenced,
  type Appended,
  type PartitionBatch,
} from "@tidemark/streams";
import { unavailable } from "./broker-errors.ts";
import { cutForBroker } from "./cut-for-broker.ts";
import type { Link } from "./link.ts";
import {
  appendedOf,
  checkBatches,
  contentBytesOfAll,
  planOutgoing,
  type Landed,
  type Outgoing,
  type Run,
} from "./outgoing.ts";
import { placeOf, type TopicPartition } from "./place.ts";
import { produce } from "./produce.ts";
import { produceRequest } from "./produce-request.ts";
import { ProducerIdentity } from "./producer-identity.ts";
import { retry } from "./retry.ts";
import { Transactions, type TransactionsContext } from "./transactions.ts";

/**
 * The appends of this process, for producers that own no partition. Those that wait go together, one group after
 * the other: so appends land in the order in which they were made, and a busy process pays for few requests.
 *
 *  A1 A group in which every append is one batch of the broker's is produced as it is: a batch is there wholly or not
 *     at all (L1). It costs one request a leader, leaves no gap in the offsets, and holds up no reader, as a
 *     transaction would whose writer was killed. Each append succeeds or fails by itself.
 *  A2 Any other group is one transaction (L1), of a writer whose id no other process has. After a failure the next
 *     transaction opens the writer anew, which ends the failed one before anything else.
 */
export class Appender {
  readonly #context: TransactionsContext;
  readonly #id: string;
  readonly #queue: Waiting[] = [];
  readonly #link: Link;
  /** Everything that transactions of the id have been about: at most the partitions that there are. */
  readonly #places = new Map<string, TopicPartition>();
  #transactions: Transactions | null = null;
  #identity: ProducerIdentity | null = null;
  #running: Promise<void> | null = null;
  #closed = false;

  /** @param id a transactional id of this process alone */
  constructor(context: TransactionsContext, id: string) {
    this.#context = context;
    this.#id = id;
    this.#link = context.cluster.newLink();
  }

  /** @throws LogUnavailable, TopicMismatch */
  async append(batches: readonly PartitionBatch[], after: number): Promise<Appended> {
    checkBatches(batches);
    if (this.#closed) throw new LogUnavailable("the log is closed");
    if (this.#queue.length >= this.#context.cluster.limits.appendsWaitingMax) {
      throw new LogUnavailable("too many appends wait for the broker");
    }
    const { promise, resolve, reject } = Promise.withResolvers<Appended>();
    const bytes = batches.reduce((sum, { records }) => sum + contentBytesOfAll(records), 0);
    this.#queue.push({ batches, bytes, after, resolve, reject });
    this.#running ??= this.#run();
    return promise;
  }

  /** Finishes the transaction under way; what waits behind it is LogUnavailable. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#running;
    this.#transactions?.close();
    this.#context.cluster.closeLink(this.#link);
  }

  async #run(): Promise<void> {
    await Promise.resolve(); // What is appended in the same turn of the event loop goes along.
    while (this.#queue.length > 0) {
      const group = await this.#admitted(this.#takeGroup());
      if (group.length === 0) continue;
      try {
        if (group.every(isOneBatch)) await this.#appendEach(group);
        else await this.#appendTogether(group);
      } catch (error) {
        this.#forgetTransactions();
        for (const { reject } of group) reject(nothingKnown(error));
      }
    }
    this.#running = null; // Before anyone else can see the empty queue.
  }

  /** A1. */
  async #appendEach(group: readonly Waiting[]): Promise<void> {
    const { cluster, codec } = this.#context;
    const patience = cluster.patience(cluster.limits.commitMsMax);
    const identity = (this.#identity ??= await retry(patience, () => ProducerIdentity.idempotent(cluster)));
    const { rounds, begins } = planOutgoing(group.flatMap(({ batches }) => batches));
    const sender = { ...this.#context, link: this.#link, transactionalId: null, request: produceRequest };
    const outcomes = new Map<Run, Landed | Error>();
    const failed = new Map<string, Error>();
    for (const runs of rounds) {
      // Behind a batch that may or may not be there, no further one of its partition has a sequence.
      const wanted = runs.filter((run) => !failed.has(placeOf(run)));
      const options = { transactional: false, createdAt: cluster.clock.now(), codec };
      const round = await produce(sender, await identity.encode(wanted, options), patience);
      for (const [run, outcome] of round) {
        outcomes.set(run, outcome);
        if (outcome instanceof Error) failed.set(placeOf(run), outcome);
      }
    }
    if (failed.size > 0) this.#identity = null;
    for (const [index, { run, before }] of begins.entries()) {
      const { resolve, reject } = group[index] as Waiting;
      const outcome = outcomes.get(run) ?? failed.get(placeOf(run));
      assert(outcome !== undefined, "a run was sent, or one of its partition before it failed");
      if (outcome instanceof Error) reject(nothingKnown(unavailable(outcome)));
      else resolve({ appendedAt: outcome.appendedAt, offsetsBase: [outcome.baseOffset + before] });
    }
  }

  /** In order, up to the bound; one append that is larger than the bound goes alone. */
  #takeGroup(): Waiting[] {
    const { appendGroupBytesMax } = this.#context.cluster.limits;
    let count = 0;
    let bytes = 0;
    for (const each of this.#queue) {
      bytes += each.bytes;
      if (count > 0 && bytes > appendGroupBytesMax) break;
      count += 1;
    }
    return this.#queue.splice(0, count);
  }

  /** Those that can be appended: one with an unknown topic fails by itself. */
  async #admitted(group: readonly Waiting[]): Promise<Waiting[]> {
    const admitted: Waiting[] = [];
    for (const each of group) {
      try {
        if (this.#closed) throw new LogUnavailable("the log is closed");
        await this.#context.cluster.require(each.batches);
        admitted.push(each);
      } catch (error) {
        each.reject(nothingKnown(error));
      }
    }
    return admitted;
  }

  /** A2. */
  async #appendTogether(group: readonly Waiting[]): Promise<void> {
    const outgoing = planOutgoing(group.flatMap(({ batches }) => batches));
    const landed = await this.#commit(outgoing, Math.max(...group.map(({ after }) => after)));
    const { appendedAt, offsetsBase } = appendedOf(outgoing, landed);
    let next = 0;
    for (const { batches, resolve } of group) {
      resolve({ appendedAt, offsetsBase: offsetsBase.slice(next, next + batches.length) });
      next += batches.length;
    }
  }

  async #commit(outgoing: Outgoing, after: number): Promise<ReadonlyMap<Run, Landed>> {
    const { clock, closing, limits } = this.#context.cluster;
    const deadline = clock.monotonic() + limits.commitMsMax;
    for (const { topic, partition } of outgoing.rounds[0] ?? []) {
      this.#places.set(placeOf({ topic, partition }), { topic, partition });
    }
    for (let fencedBefore = false; ;) {
      try {
        this.#transactions ??= await Transactions.open(this.#context, this.#id, [...this.#places.values()]);
        const { landed, result } = await this.#transactions.transact(outgoing, (each) =>
          earliest(each) > after ? "commit" : "abort",
        );
        if (result === "commit") return landed;
        this.#forgetTransactions(); // T5
        if (clock.monotonic() >= deadline) throw new LogUnavailable("a broker's clock has not reached the time given");
        await clock.sleep(Math.min(CLOCK_STEP_MS_MAX, after - earliest(landed) + 1), closing);
      } catch (error) {
        // The broker forgets a writer that was idle for days: nothing was appended, and a new one is let in.
        if (!(error instanceof TaskFenced) || fencedBefore) throw error;
        fencedBefore = true;
        this.#forgetTransactions();
      }
    }
  }

  /** The next ones are of a new holder. */
  #forgetTransactions(): void {
    this.#transactions?.close();
    this.#transactions = null;
  }
}

interface Waiting {
  readonly batches: readonly PartitionBatch[];
  /** Of keys and values. */
  readonly bytes: number;
  readonly after: number;
  readonly resolve: (appended: Appended) => void;
  readonly reject: (error: unknown) => void;
}

function isOneBatch({ batches, after }: Waiting): boolean {
  const [first] = batches;
  return batches.length === 1 && first !== undefined && after < 0 && cutForBroker(first.records).length === 1;
}

const CLOCK_STEP_MS_MAX = 100;

function earliest(landed: ReadonlyMap<Run, Landed>): number {
  let time = Number.POSITIVE_INFINITY;
  for (const { appendedAt } of landed.values()) time = Math.min(time, appendedAt);
  return time;
}

/** To who appends, fenced or unknown is all one: nothing is known to be stored. */
function nothingKnown(error: unknown): unknown {
  if (!(error instanceof TaskFenced) && !(error instanceof CommitUnknown)) return error;
  return new LogUnavailable("the append failed, or its result is not known", { cause: error });
}

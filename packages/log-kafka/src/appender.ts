import { CommitUnknown, LogUnavailable, TaskFenced, type Appended, type PartitionBatch } from "@tidemark/streams";
import { appendedOf, checkBatches, contentBytes, planOutgoing, type Landed, type Run } from "./outgoing.ts";
import { Transactions, type TransactionsContext } from "./transactions.ts";

/**
 * The appends of this process, for producers that own no partition. Those that wait go together in one transaction,
 * one transaction after the other: so appends land in the order in which they were made, and a busy process pays
 * for few transactions.
 *
 *  A1 An append is wholly in one transaction (L1), whose writer's id no other process has.
 *  A2 After a failure the next transaction opens the writer anew, which ends the failed one before anything else: no
 *     part of it appears after a later append.
 */
export class Appender {
  readonly #context: TransactionsContext;
  readonly #id: string;
  readonly #queue: Waiting[] = [];
  #transactions: Transactions | null = null;
  #running: Promise<void> | null = null;
  #closed = false;

  /** @param id a transactional id of this process alone */
  constructor(context: TransactionsContext, id: string) {
    this.#context = context;
    this.#id = id;
  }

  /** @throws LogUnavailable, TopicMismatch */
  async append(batches: readonly PartitionBatch[], after: number): Promise<Appended> {
    checkBatches(batches);
    if (this.#closed) throw new LogUnavailable("the log is closed");
    if (this.#queue.length >= this.#context.cluster.limits.appendsWaitingMax) {
      throw new LogUnavailable("too many appends wait for the broker");
    }
    const { promise, resolve, reject } = Promise.withResolvers<Appended>();
    const bytes = batches.reduce((sum, { records }) => sum + contentBytes(records), 0);
    this.#queue.push({ batches, bytes, after, resolve, reject });
    this.#running ??= this.#run().finally(() => {
      this.#running = null;
    });
    return promise;
  }

  /** Finishes the transaction under way; what waits behind it is LogUnavailable. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#running;
    this.#transactions?.close();
  }

  async #run(): Promise<void> {
    await Promise.resolve(); // What is appended in the same turn of the event loop goes along.
    while (this.#queue.length > 0) {
      const group = await this.#admitted(this.#takeGroup());
      if (group.length === 0) continue;
      try {
        const outgoing = group.flatMap(({ batches }) => batches);
        this.#answer(group, await this.#appendTogether(outgoing, Math.max(...group.map(({ after }) => after))));
      } catch (error) {
        this.#transactions?.close();
        this.#transactions = null;
        for (const { reject } of group) reject(nothingKnown(error));
      }
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

  async #appendTogether(batches: readonly PartitionBatch[], after: number): Promise<Appended> {
    const { clock, closing, limits } = this.#context.cluster;
    const deadline = clock.monotonic() + limits.commitMsMax;
    const outgoing = planOutgoing(batches);
    for (let fencedBefore = false; ;) {
      try {
        this.#transactions ??= await Transactions.open(this.#context, this.#id);
        const { landed, result } = await this.#transactions.transact(outgoing, (each) =>
          earliest(each) > after ? "commit" : "abort",
        );
        if (result === "commit") return appendedOf(outgoing, landed);
        if (clock.monotonic() >= deadline) throw new LogUnavailable("a broker's clock has not reached the time given");
        await clock.sleep(Math.min(CLOCK_STEP_MS_MAX, after - earliest(landed) + 1), closing);
      } catch (error) {
        // The broker forgets a writer that was idle for days: nothing was appended, and a new one is let in.
        if (!(error instanceof TaskFenced) || fencedBefore) throw error;
        fencedBefore = true;
        this.#transactions?.close();
        this.#transactions = null;
      }
    }
  }

  #answer(group: readonly Waiting[], { appendedAt, offsetsBase }: Appended): void {
    let next = 0;
    for (const { batches, resolve } of group) {
      resolve({ appendedAt, offsetsBase: offsetsBase.slice(next, next + batches.length) });
      next += batches.length;
    }
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

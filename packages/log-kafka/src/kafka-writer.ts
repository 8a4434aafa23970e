import { assert, TaskFenced, type Appended, type LogWriter, type PartitionBatch } from "@tidemark/streams";
import { appendedOf, checkBatches, planOutgoing } from "./outgoing.ts";
import type { Transactions } from "./transactions.ts";

/** Commits one after the other, and none after one that failed. */
export class KafkaWriter implements LogWriter {
  readonly #transactions: Transactions;
  #committing: Promise<unknown> | null = null;
  #ended = false;

  constructor(transactions: Transactions) {
    this.#transactions = transactions;
  }

  async commit(batches: readonly PartitionBatch[]): Promise<Appended> {
    assert(this.#committing === null, "a writer has one commit under way");
    if (this.#ended) throw new TaskFenced("this writer was closed or has failed: open another");
    checkBatches(batches);
    const outgoing = planOutgoing(batches);
    const committing = this.#transactions.transact(outgoing, () => "commit");
    this.#committing = committing;
    try {
      return appendedOf(outgoing, (await committing).landed);
    } catch (error) {
      this.#ended = true;
      this.#transactions.close();
      throw error;
    } finally {
      this.#committing = null;
    }
  }

  /** A commit under way is finished. */
  async close(): Promise<void> {
    this.#ended = true;
    await Promise.allSettled([this.#committing]);
    this.#transactions.close();
  }
}

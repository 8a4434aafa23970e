import type { Appended, LogWriter, PartitionBatch } from "@tidemark/streams";
import { assert, CommitUnknown, TaskFenced } from "@tidemark/streams";
import type { GroupCommit } from "./group-commit.ts";
import { measured } from "./records-check.ts";
import type { Storage } from "./storage.ts";

/**
 * Who may commit under which id. The epochs live in memory: the directory's lock keeps a second process out, and
 * with this one all its writers die.
 *
 *  W1 Of the writers of one id only the one opened last commits; opening fences at once, and resolves when what
 *     earlier ones had in flight is visible (L5).
 *  W2 A writer whose commit failed commits no more.
 */
export class Writers {
  readonly #storage: Storage;
  readonly #commits: GroupCommit;
  readonly #epochs = new Map<string, number>();

  constructor(storage: Storage, commits: GroupCommit) {
    this.#storage = storage;
    this.#commits = commits;
  }

  /** @throws LogUnavailable */
  async open(id: string): Promise<LogWriter> {
    void this.#storage.state;
    const epoch = (this.#epochs.get(id) ?? 0) + 1;
    this.#epochs.set(id, epoch);
    await this.#commits.settled();
    return new EpochWriter(this.#storage, this.#commits, () => this.#epochs.get(id) !== epoch);
  }
}

class EpochWriter implements LogWriter {
  readonly #storage: Storage;
  readonly #commits: GroupCommit;
  readonly #fenced: () => boolean;
  #committing = false;
  #ended = false;

  constructor(storage: Storage, commits: GroupCommit, fenced: () => boolean) {
    this.#storage = storage;
    this.#commits = commits;
    this.#fenced = fenced;
  }

  async commit(batches: readonly PartitionBatch[]): Promise<Appended> {
    assert(!this.#committing, "a writer has one commit under way");
    if (this.#ended) throw new TaskFenced("this writer was closed or has failed: open another"); // W2
    this.#committing = true;
    try {
      const { parts, bytes } = measured(this.#storage.state, batches);
      const call = { parts, bytes, after: -1, fenced: this.#fenced, whenUnknown: CommitUnknown };
      return await this.#commits.submit(call);
    } catch (error) {
      this.#ended = true;
      throw error;
    } finally {
      this.#committing = false;
    }
  }

  async close(): Promise<void> {
    this.#ended = true;
  }
}

import type { Appended } from "@tidemark/streams";
import { assert, CommitUnknown, TaskFenced } from "@tidemark/streams";
import type { EncodedPart } from "./encoded-part.ts";
import type { GroupCommit } from "./group-commit.ts";
import type { CoreWriter } from "./log-core.ts";
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
  async open(id: string): Promise<CoreWriter> {
    void this.#storage.state;
    const epoch = (this.#epochs.get(id) ?? 0) + 1;
    this.#epochs.set(id, epoch);
    await this.#commits.settled();
    return new EpochWriter(this.#commits, () => this.#epochs.get(id) !== epoch);
  }
}

class EpochWriter implements CoreWriter {
  readonly #commits: GroupCommit;
  readonly #fenced: () => boolean;
  #committing = false;
  #ended = false;

  constructor(commits: GroupCommit, fenced: () => boolean) {
    this.#commits = commits;
    this.#fenced = fenced;
  }

  async commit(parts: readonly EncodedPart[]): Promise<Appended> {
    assert(!this.#committing, "a writer has one commit under way");
    if (this.#ended) throw new TaskFenced("this writer was closed or has failed: open another"); // W2
    this.#committing = true;
    try {
      return await this.#commits.submit({ parts, after: -1, fenced: this.#fenced, whenUnknown: CommitUnknown });
    } catch (error) {
      this.#ended = true;
      throw error;
    } finally {
      this.#committing = false;
    }
  }

  close(): void {
    this.#ended = true;
  }
}

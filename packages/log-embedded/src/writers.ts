import type { Appended } from "@tidemark/streams";
import { CommitUnknown } from "@tidemark/streams";
import type { EncodedPart } from "./encoded-part.ts";
import type { GroupCommit } from "./group-commit.ts";
import type { WriterEpoch } from "./log-core.ts";
import type { Storage } from "./storage.ts";

/**
 * Who may commit under which id. The epochs live in memory: the directory's lock keeps a second process out, and
 * with this one all its writers die.
 *
 * Of the writers of one id only the one opened last commits; opening fences at once, and resolves when what
 * earlier ones had in flight is visible (L5).
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
  async open(id: string): Promise<WriterEpoch> {
    void this.#storage.state;
    const epoch = (this.#epochs.get(id) ?? 0) + 1;
    this.#epochs.set(id, epoch);
    await this.#commits.settled();
    return { id, epoch };
  }

  /** @throws TaskFenced, CommitUnknown, LogUnavailable, TopicMismatch */
  commit({ id, epoch }: WriterEpoch, parts: readonly EncodedPart[]): Promise<Appended> {
    const fenced = (): boolean => this.#epochs.get(id) !== epoch;
    return this.#commits.submit({ parts, after: -1, fenced, whenUnknown: CommitUnknown });
  }
}

/**
 * The port to who owns which partitions. On a log of one process that never changes ({@link fixedOwnership}); on Kafka a
 * member of a consumer group keeps it.
 *
 * Promises:
 *  O1 `current` is the newest word on what is owned here; its generation rises with every change.
 *  O2 `next` misses no newest word: whoever asks for what came after a generation he knows gets it, but may skip some between.
 *  O3 `confirm` resolves only after the others have been asked anew: by an answer to a question sent since the call, of a
 *     generation in which the partition is owned here.
 *
 * What it does not promise: that nobody else believes to own the same partition at the same time. Correctness never depends on
 * it (R14), since only the owner of the newest barrier can write. It decides how long a partition stands still when it moves,
 * and that two who believe so do not fence each other in turns.
 */
export interface PartitionOwnership {
  readonly current: OwnedPartitions;
  /**
   * Resolves with `current` once its generation is greater than the one given; when the signal aborts, at once.
   * @throws what ended the membership for good
   */
  next(generation: number, signal: AbortSignal): Promise<OwnedPartitions>;
  /** Resolves by O3, or when the signal aborts. Never rejects: who waits for what has ended is told by `next`. */
  confirm(partition: number, signal: AbortSignal): Promise<void>;
  /** From now on the others are told of these stores whenever partitions are shared out anew. */
  reportStores(reports: () => readonly StoreReport[]): void;
}

export interface OwnedPartitions {
  /** 0: nobody has said yet what is owned. */
  readonly generation: number;
  /** Ascending. */
  readonly partitions: readonly number[];
}

/** What there is of a partition's store on this machine: hints for who shares out partitions, true when they were made. */
export interface StoreReport {
  readonly partition: number;
  /** Changelog offset up to which it is whole, the memory of a running task included. */
  readonly offset: number;
  /** The least version of code that reads the newest journal entry it knows (R16); 0 if it knows none. */
  readonly readerVersionMin: number;
}

/** Where nobody else can own a partition. */
export function fixedOwnership(partitions: readonly number[]): PartitionOwnership {
  const current: OwnedPartitions = { generation: 1, partitions };
  return {
    current,
    async next(generation, signal) {
      if (generation >= current.generation && !signal.aborted) {
        await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
      }
      return current;
    },
    confirm: () => Promise.resolve(),
    reportStores: () => undefined,
  };
}

import type { OwnedPartitions, PartitionOwnership, StoreReport } from "@tidemark/streams";

/** For tests: an ownership that changes when it is told to. */
export class ScriptedOwnership implements PartitionOwnership {
  current: OwnedPartitions = { generation: 0, partitions: [] };
  /** What would be told to the others. */
  reports: () => readonly StoreReport[] = () => [];
  /** Partitions that somebody has asked to be confirmed. */
  readonly asked: number[] = [];
  /** Generation of the newest word that was heard. */
  heard = 0;
  #failure: { readonly cause: unknown } | null = null;
  readonly #waiting = new Set<() => void>();

  assign(partitions: readonly number[]): void {
    this.current = { generation: this.current.generation + 1, partitions: partitions.toSorted((a, b) => a - b) };
    this.#wake();
  }

  fail(cause: unknown): void {
    this.#failure = { cause };
    this.#wake();
  }

  async next(generation: number, signal: AbortSignal): Promise<OwnedPartitions> {
    this.heard = generation;
    await this.#until(() => this.#failure !== null || this.current.generation > generation, signal);
    if (this.#failure !== null) throw this.#failure.cause;
    return this.current;
  }

  async confirm(partition: number, signal: AbortSignal): Promise<void> {
    this.asked.push(partition);
    await this.#until(() => this.current.partitions.includes(partition), signal);
  }

  reportStores(reports: () => readonly StoreReport[]): void {
    this.reports = reports;
  }

  async #until(condition: () => boolean, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      if (condition()) return;
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          this.#waiting.delete(wake);
          signal.removeEventListener("abort", wake);
          resolve();
        };
        this.#waiting.add(wake);
        signal.addEventListener("abort", wake, { once: true });
      });
    }
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
  }
}

import type { Clock, PartitionOwnership, StateStore, StoreReport } from "@tidemark/streams";
import { isLocked, openWhenFree } from "./open-when-free.ts";
import { type ProcessorStatus, sumStages } from "./processor-status.ts";
import type { ScoringTask } from "./processor.ts";

/**
 * Keeps a task for each partition that is owned here, as partitions come and go.
 *
 *              gained             store open            lost, or all are stopped         store closed, and kept on disk
 *   (nothing) ────────► opening ────────────► working ─────────────────────────► closing ─────────────────────────────► (nothing)
 *                          └──────────────────── lost meanwhile ───────────────────▲
 *
 *  F1 One spell a partition at a time: one that is gained again while it closes begins anew when its store is closed.
 *  F2 What ends one task for good ends all of them, cleanly, and `ended` rejects with it; so does an ownership that ends.
 *     That a task is fenced is no such thing: it asks whether it still owns its partition, and hears here when it does not.
 *  F3 A task that both the old and the new owner believe to own does no harm (R14), so nothing here waits for others.
 */
export class OwnedTasks implements ProcessorStatus {
  readonly #options: OwnedTasksOptions;
  /** The newest spell of each partition; of a partition that was lost until its store is closed. */
  readonly #spells = new Map<number, Spell>();
  /** Every spell that has not ended, those that another follows included. */
  readonly #underway = new Set<Promise<void>>();
  readonly #reports = new Map<number, StoreReport>();
  readonly #stop = new AbortController();
  #stagesOfLost = sumStages([]);
  #generation = 0;
  #failure: { readonly cause: unknown } | null = null;
  readonly ended: Promise<void>;

  constructor(options: OwnedTasksOptions) {
    this.#options = options;
    for (const report of options.storesKept) this.#reports.set(report.partition, report);
    options.ownership.reportStores(() => this.#storeReports());
    this.#adopt();
    this.ended = this.#follow();
    // Whoever waits for it hears it; nobody has to.
    this.ended.catch(() => undefined);
  }

  /** Resolves when the stores of what is owned at the call are open or their spells over. @throws what kept one from opening */
  async opened(): Promise<void> {
    await Promise.all([...this.#spells.values()].map(({ opened }) => opened));
    if (this.#failure !== null) await this.ended;
  }

  /** Whether somebody has said what is owned, and all of it is in turns. */
  get ready(): boolean {
    const { generation, partitions } = this.#options.ownership.current;
    if (generation === 0 || generation !== this.#generation || this.#stop.signal.aborted) return false;
    return partitions.every((partition) => {
      const task = this.#spells.get(partition)?.task ?? null;
      return task !== null && task.status.state === "running" && task.lag.length > 0;
    });
  }

  get tasks(): ProcessorStatus["tasks"] {
    return this.#tasks().map(({ status }) => status);
  }

  get lagRecords(): number {
    const ofTask = (task: ScoringTask): number => task.lag.reduce((sum, { records }) => sum + records, 0);
    return this.#tasks().reduce((sum, task) => sum + ofTask(task), 0);
  }

  get stages(): ProcessorStatus["stages"] {
    return sumStages([this.#stagesOfLost, ...this.#tasks().map(({ stages }) => stages)]);
  }

  /** Finishes commits under way, writes the stores and marks them clean. */
  async stop(): Promise<void> {
    this.#stopAll();
    await this.ended;
  }

  async #follow(): Promise<void> {
    const { ownership } = this.#options;
    const { signal } = this.#stop;
    try {
      while (!signal.aborted) {
        await ownership.next(this.#generation, signal);
        if (!signal.aborted) this.#adopt();
      }
    } catch (error) {
      this.#fail(error); // F2
    }
    while (this.#underway.size > 0) await Promise.all(this.#underway);
    if (this.#failure !== null) throw this.#failure.cause;
  }

  #adopt(): void {
    const { generation, partitions } = this.#options.ownership.current;
    if (generation === this.#generation) return;
    this.#generation = generation;
    const owned = new Set(partitions);
    let lost = 0;
    for (const [partition, spell] of this.#spells) {
      if (owned.has(partition) || spell.end.signal.aborted) continue;
      lost++;
      spell.end.abort();
    }
    const gained = partitions.filter((partition) => this.#spells.get(partition)?.end.signal.aborted ?? true);
    for (const partition of gained) this.#begin(partition);
    this.#options.onChange({ generation, gained: gained.length, lost });
  }

  #begin(partition: number): void {
    const previous = this.#spells.get(partition)?.ended ?? Promise.resolve();
    const opened = Promise.withResolvers<void>();
    const end = new AbortController();
    const spell: Spell = { partition, end, task: null, opened: opened.promise, ended: Promise.resolve() };
    spell.ended = this.#live(spell, previous, opened.resolve);
    this.#spells.set(partition, spell);
    this.#underway.add(spell.ended);
    void spell.ended.then(() => this.#underway.delete(spell.ended));
  }

  /** Never rejects: what must not go on is noted, and ends all (F2). */
  async #live(spell: Spell, previous: Promise<void>, opened: () => void): Promise<void> {
    const { signal } = spell.end;
    const { partition } = spell;
    try {
      await previous; // F1
      const open = (): Promise<StateStore> => this.#options.openStore(partition);
      for (let isOver = false; !isOver;) {
        const store = await openWhenFree(open, this.#options.clock, signal);
        isOver = store === null || (await this.#work(spell, store, opened));
      }
    } catch (error) {
      this.#options.onFailure(partition, error);
      this.#fail(error);
    }
    opened();
    this.#forget(spell);
  }

  /** @returns false if the store was lost to another of this machine while it was wiped: it is waited for as at the start */
  async #work(spell: Spell, store: StateStore, opened: () => void): Promise<boolean> {
    const { partition, end } = spell;
    const created = this.#options.createTask(partition, store);
    try {
      spell.task = created.task;
      opened();
      await created.task.run(end.signal);
      return true;
    } catch (error) {
      if (!isLocked(error)) throw error;
      return false;
    } finally {
      this.#report(created.task);
      await store.close();
      created.close();
    }
  }

  /** What was known last of tasks that were stopped with all stays to be seen. */
  #forget(spell: Spell): void {
    const isNewest = this.#spells.get(spell.partition) === spell;
    if (isNewest && this.#stop.signal.aborted) return;
    if (spell.task !== null) this.#stagesOfLost = sumStages([this.#stagesOfLost, spell.task.stages]);
    if (!isNewest) return;
    this.#spells.delete(spell.partition);
    this.#options.onForgotten();
  }

  #fail(cause: unknown): void {
    this.#failure ??= { cause };
    this.#stopAll();
  }

  #stopAll(): void {
    this.#stop.abort();
    for (const { end } of this.#spells.values()) end.abort();
  }

  #tasks(): readonly ScoringTask[] {
    const spells = [...this.#spells.values()].toSorted((one, other) => one.partition - other.partition);
    return spells.flatMap(({ task }) => (task === null ? [] : [task]));
  }

  #storeReports(): readonly StoreReport[] {
    for (const task of this.#tasks()) this.#report(task);
    return [...this.#reports.values()];
  }

  #report({ status: { partition, offset, readerVersionMin } }: ScoringTask): void {
    if (offset > 0) this.#reports.set(partition, { partition, offset, readerVersionMin });
  }
}

interface Spell {
  readonly partition: number;
  readonly end: AbortController;
  /** null until its store is open. */
  task: ScoringTask | null;
  readonly opened: Promise<void>;
  ended: Promise<void>;
}

export interface OwnedTasksOptions {
  readonly ownership: PartitionOwnership;
  readonly clock: Clock;
  /** What lies on disk at the start. */
  readonly storesKept: readonly StoreReport[];
  openStore(partition: number): Promise<StateStore>;
  /** @returns the task, and what is to be let go of with it */
  createTask(partition: number, store: StateStore): { readonly task: ScoringTask; close(): void };
  onChange(change: { readonly generation: number; readonly gained: number; readonly lost: number }): void;
  /** A partition that was lost is closed. */
  onForgotten(): void;
  onFailure(partition: number, error: unknown): void;
}

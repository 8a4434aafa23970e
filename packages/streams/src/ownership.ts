import { BARRIER_KEY } from "./changelog.ts";
import { ClockGuard } from "./clock-guard.ts";
import { turnBatches } from "./commit-batches.ts";
import { requireSameSecret } from "./erasure.ts";
import { assert, TaskFenced, VersionTooNew } from "./errors.ts";
import type { LogWriter } from "./event-log.ts";
import { Flusher } from "./flusher.ts";
import { InputFetcher } from "./input-fetcher.ts";
import { inputTopics } from "./input-record.ts";
import { COUNTS_START, type JournalEntry, type OutcomeCounts, READER_VERSION } from "./journal.ts";
import { endsWithTick, inputRecordAt, type InputTopic, type MergePlan, planMerge } from "./merge.ts";
import { isMarkerName } from "./marker-name.ts";
import { ChangelogReader, type ChangelogSource } from "./restore.ts";
import { runTogether } from "./run-together.ts";
import { SchemaGate } from "./schema-gate.ts";
import type { StageTimes } from "./stages.ts";
import { StateTable } from "./state-table.ts";
import { SweepProgress } from "./sweep-progress.ts";
import type { SweepPart } from "./sweep.ts";
import type { InputLag, TaskOptions, TaskStatus } from "./task-options.ts";
import { type Tick, TICK_START } from "./tick.ts";
import { TimerWindow } from "./timer-window.ts";
import { addOutcomes, outcomesByInput, reportOf, statusOf, taken } from "./turn-report.ts";
import type { TurnResult } from "./turn-plan.ts";
import { runTurn } from "./turn.ts";

/** One spell of ownership, from the barrier to its end; all of a task's memory lives here (P2). */
export class Ownership<State, Event> {
  readonly #options: TaskOptions<State, Event>;
  readonly #writer: LogWriter;
  readonly #stages: StageTimes;
  readonly #report: (change: Partial<TaskStatus>) => void;
  readonly #table: StateTable;
  readonly #token: string;
  #journal: Uint8Array | null = null;
  /** Changelog offset up to which the table is whole. */
  #offset = 0;
  /** When the barrier was sent, ms of the log's clock. */
  #barrierAt = 0;
  #entry: JournalEntry | null = null;
  #fetcher: InputFetcher | null = null;
  readonly #schemas: SchemaGate;
  #timers: TimerWindow | null = null;
  readonly #sweep: SweepProgress;
  readonly #flusher: Flusher;
  readonly #clockGuard: ClockGuard;
  /** After an unclean stop: whether the store is what its checkpoint says has not been seen yet (R17). */
  #unverified = false;

  constructor(
    options: TaskOptions<State, Event>,
    writer: LogWriter,
    stages: StageTimes,
    report: (change: Partial<TaskStatus>) => void,
  ) {
    this.#options = options;
    this.#writer = writer;
    this.#stages = stages;
    this.#report = report;
    this.#token = options.token();
    this.#clockGuard = new ClockGuard(options.clock, {
      leadMsMax: options.limits.clockLeadMsMax,
      timeScale: options.timeScale,
    });
    this.#table = new StateTable({
      store: options.store,
      clock: options.clock,
      bootId: options.bootId,
      dueOf: (bytes) => options.application.dueOf(bytes),
      keepTimers: true,
      entries: options.limits,
      scrubDelayMs: options.limits.scrubDelayMs,
      staleMsMax: options.limits.checkpointStaleMsMax,
      onDropped: (why) => options.observer.storeDropped(why),
    });
    this.#schemas = new SchemaGate({
      ...options,
      onRegistryUnavailable: () => options.observer.registryUnavailable(),
    });
    this.#flusher = new Flusher(this.#table, options, stages, () => ({
      offset: this.#offset,
      journal: this.#journal,
      aggregate: null,
    }));
    this.#sweep = new SweepProgress({
      models: options.application.models,
      table: this.#table,
      limits: options.limits,
      flush: () => this.#flushAll(),
    });
  }

  /** Keys with a state. */
  get states(): number {
    return this.#table.states;
  }

  /** Empty until every input has been looked at. */
  lag(): readonly InputLag[] {
    const lags: InputLag[] = [];
    for (const buffer of this.#fetcher?.buffers ?? []) {
      const end = this.#fetcher?.offsetsEnd[buffer.rank] ?? null;
      if (end === null) return [];
      lags.push({
        topic: buffer.topic,
        records: Math.max(0, end - (buffer.at(0)?.offset ?? buffer.offsetNext)),
      });
    }
    return lags;
  }

  /** Fences the previous owner, resolves what it left open, and marks where its writes end. */
  async writeBarrier(): Promise<number> {
    const { application, clock, owner, topics, partition } = this.#options;
    const askedAt = clock.monotonic();
    this.#barrierAt = clock.now();
    const value = application.journal.encodeBarrier({ token: this.#token, owner });
    const appended = await this.#writer.commit([
      { topic: topics.changelog, partition, records: [{ key: BARRIER_KEY, value }] },
    ]);
    this.#clockGuard.saw(appended.appendedAt, askedAt);
    return appended.offsetsBase[0] ?? 0;
  }

  /** Reads the changelog from the store's offset up to the own barrier. @throws TaskFenced if another is there instead */
  async restore(barrierOffset: number, signal: AbortSignal): Promise<void> {
    const { application, log, clock, limits, topics, partition } = this.#options;
    const source: ChangelogSource = {
      log,
      topic: topics.changelog,
      partition,
      clock,
      fetchBytesMax: limits.fetchBytesMax,
      fetchWaitMs: limits.fetchWaitMs,
      sliceMsMax: limits.sliceMsMax,
    };
    const checkpoint = await this.#table.open(barrierOffset);
    this.#unverified = checkpoint !== null && !checkpoint.clean;
    this.#journal = checkpoint?.journal ?? null;
    this.#report({ offset: checkpoint?.offset ?? 0 });
    const reader = new ChangelogReader(
      source,
      {
        state: (key, value) => {
          this.#table.applyChange(key, value);
          return this.#table.dirtyCount >= limits.dirtyEntriesMax;
        },
        journal: (value) => {
          this.#journal = value;
        },
        flush: (offset) => this.#table.flush({ offset, journal: this.#journal, aggregate: null }, { clean: false }),
      },
      checkpoint?.offset ?? 0,
    );
    while (reader.position < barrierOffset && !signal.aborted) {
      this.#report({ restoreRecordsLeft: barrierOffset - reader.position });
      await reader.step(signal, barrierOffset);
    }
    if (signal.aborted) return;
    const barrier = await ChangelogReader.barrierAt(source, barrierOffset, signal);
    if (signal.aborted) return;
    if (barrier === null || application.journal.decodeBarrier(barrier).token !== this.#token) {
      throw new TaskFenced("the own barrier is not where it was written: a newer owner has compacted it away");
    }
    this.#offset = barrierOffset + 1;
    this.#table.caughtUp(this.#barrierAt);
    this.#entry = this.#journal === null ? null : application.journal.decodeEntry(this.#journal);
    this.#report({
      restoreRecordsLeft: 0,
      offset: this.#offset,
      ...(this.#entry === null ? {} : statusOf(this.#entry)),
    });
  }

  /** R8: an owner that has heard less of models than the one before it would go back to an earlier one. */
  async awaitModel(signal: AbortSignal): Promise<void> {
    const { application, clock, limits, observer } = this.#options;
    const model = this.#entry?.model ?? "";
    if (model === "" || application.models.has(model) || (this.#entry?.minReaderVersion ?? 0) > READER_VERSION) return;
    observer.modelMissing(model);
    for (let waitMs = limits.backoffMsMin; !signal.aborted; waitMs = Math.min(2 * waitMs, limits.backoffMsMax)) {
      await clock.sleep(waitMs, signal);
      if (application.models.has(model)) return;
    }
  }

  /** Turns until the signal aborts; a commit under way is finished. */
  async work(signal: AbortSignal): Promise<void> {
    const entry = this.#entry;
    if (entry !== null && entry.minReaderVersion > READER_VERSION) {
      throw new VersionTooNew(`partition ${this.#options.partition} was worked on by newer code: upgrade this process`);
    }
    if (entry !== null) requireSameSecret(entry, this.#options.application.erasure);
    assert(entry === null || entry.mode === this.#options.mode, "the clock mode of a partition never changes (R4)");
    const inputs = inputTopics(this.#options.application);
    const fetcher = new InputFetcher(
      { ...this.#options, inputs, stages: this.#stages, clockGuard: this.#clockGuard },
      await this.#inputOffsets(inputs, entry),
    );
    this.#fetcher = fetcher;
    const loops = [
      (ended: AbortSignal) => this.#turns(fetcher, ended),
      (ended: AbortSignal) => fetcher.run(ended),
      (ended: AbortSignal) => this.#scrub(ended),
    ];
    try {
      await runTogether(signal, loops, () => {
        fetcher.stop();
        fetcher.arrived.notify();
      });
    } finally {
      await this.#flusher.settle();
    }
    this.#flusher.check();
  }

  /** Writes the store and marks it clean (R17), unless the scrub has yet to see all of it: then the next start needs one. */
  async leave(): Promise<void> {
    await this.#flusher.flush(!this.#unverified);
  }

  async #inputOffsets(inputs: readonly InputTopic[], entry: JournalEntry | null): Promise<readonly number[]> {
    const { log, partition } = this.#options;
    const offsets: number[] = [];
    for (const { topic } of inputs) {
      const known = entry?.offsets.find((offset) => offset.topic === topic);
      offsets.push(known?.next ?? (await log.offsets(topic, partition)).start);
    }
    return offsets;
  }

  async #turns(fetcher: InputFetcher, signal: AbortSignal): Promise<void> {
    const { clock, limits, mode, gate } = this.#options;
    let earliestAt = Number.NEGATIVE_INFINITY;
    while (!signal.aborted) {
      this.#timers ??= await this.#loadTimers();
      await this.#sweep.load(this.#entry);
      if (!this.#somethingToDo(planMerge(fetcher.buffers, { ...limits, turnRecordsMax: 1 }))) {
        fetcher.onTaken(0);
        await this.#flusher.flushWhenDue(); // R9: also of a partition that has become quiet.
        await fetcher.arrived.wait();
        continue;
      }
      const waitMs = earliestAt - clock.monotonic();
      if (waitMs > 0) {
        await clock.sleep(waitMs, signal);
        continue; // More may have come meanwhile.
      }
      const plan = planMerge(fetcher.buffers, limits);
      if (mode === "wall") this.#clockGuard.check(plan.lowerAfter - 1);
      earliestAt = clock.monotonic() + (endsWithTick(plan, fetcher.buffers) ? 0 : limits.turnIntervalMs);
      const admitted = await this.#schemas.admit(plan, signal);
      if (admitted.records.length > 0 || plan.records.length === 0) {
        await gate.pass(admitted.records.length, signal, async () => {
          await this.#turn(admitted, fetcher);
          // Here, so that what a large turn has changed is stored before the next one of the thread adds to it.
          await this.#flusher.flushWhenDue();
        });
      }
    }
  }

  #somethingToDo(plan: MergePlan): boolean {
    if (plan.records.length > 0) return true;
    if (this.#sweep.wantsTurn(this.#entry)) return true;
    const timer = this.#timers?.peek();
    return this.#options.mode === "wall" && timer !== undefined && timer.due < plan.lowerAfter;
  }

  async #turn(plan: MergePlan, fetcher: InputFetcher): Promise<void> {
    const { application, clock, limits, mode, partition, observer } = this.#options;
    const timers = this.#timers;
    assert(timers !== null, "timers are loaded before a turn");
    const startedAt = clock.monotonic();
    const turn = (this.#entry?.turn ?? 0) + 1;
    // From here on the turn's, whatever comes into force meanwhile (R8).
    const model = application.models.current;
    const sweep = this.#sweep.part(this.#entry, model, plan.records.length);
    const result = await runTurn(
      {
        turn,
        where: this.#options,
        mode,
        ...plan,
        tickBefore: this.#tick(),
        hasMarkers: (this.#entry?.erasureCheck ?? null) !== null,
        model,
        swept: sweep?.keys ?? [],
        timersMax: limits.turnTimersMax,
        timerSpanMsMax: limits.turnTimerSpanMs,
      },
      {
        application,
        timers,
        load: (key) => this.#table.load(key),
        clock,
        sliceMsMax: limits.sliceMsMax,
        stages: this.#stages,
      },
    );
    // Of a sweep also where nothing has changed: the cursor is the journal's.
    if (result.taken > 0 || result.changed.length > 0 || sweep !== null) {
      const byInput = outcomesByInput(plan, result.outcomes, fetcher.buffers.length);
      const scored = { model, sweepAfter: sweep?.reached ?? null };
      const entry = { ...this.#entryOf(turn, result, byInput, plan, fetcher), ...scored };
      const commitMs = await this.#commit(entry, result, sweep);
      for (const [rank, counts] of byInput.entries()) fetcher.buffers[rank]?.drop(taken(counts));
      const where = { partition, states: this.#table.states };
      observer.turn(reportOf(entry, plan, result, byInput, where, clock.monotonic() - startedAt, commitMs));
    }
    fetcher.onTaken(result.taken);
    this.#table.trim();
    const staleAbove = TIMERS_STALE_FACTOR * limits.timersLoadedMax;
    if ((timers.size === 0 && !timers.complete) || timers.size > staleAbove) this.#timers = null;
  }

  async #commit(entry: JournalEntry, result: TurnResult, sweep: SweepPart | null): Promise<number> {
    const { application, clock, topics } = this.#options;
    const encodeStartedAt = clock.monotonic();
    const journal = application.journal.encodeEntry(entry);
    const batches = turnBatches(result, journal, this.#options);
    const commitStartedAt = clock.monotonic();
    const asOf = clock.now();
    this.#stages.encodeMs += commitStartedAt - encodeStartedAt;

    const appended = await this.#writer.commit(batches);

    // Committed: only now may anything else see it (P4).
    const last = batches.findLastIndex((batch) => batch.topic === topics.changelog);
    this.#offset = (appended.offsetsBase[last] ?? 0) + (batches[last]?.records.length ?? 0);
    if (sweep !== null) this.#sweep.committed(sweep);
    this.#table.publishAll(result.changed);
    this.#journal = journal;
    this.#entry = entry;
    this.#table.caughtUp(asOf); // Only the owner could commit.
    this.#clockGuard.saw(appended.appendedAt);
    this.#report({ offset: this.#offset, ...statusOf(entry) });
    const commitMs = clock.monotonic() - commitStartedAt;
    this.#stages.commitMs += commitMs;
    return commitMs;
  }

  #entryOf(
    turn: number,
    result: TurnResult,
    byInput: readonly OutcomeCounts[],
    plan: MergePlan,
    fetcher: InputFetcher,
  ): Omit<JournalEntry, "model" | "sweepAfter"> {
    const { application, mode } = this.#options;
    const hasErased = result.changed.some(({ entry }) => isMarkerName(entry.key));
    const next = fetcher.buffers.map((buffer) => buffer.at(0)?.offset ?? buffer.offsetNext);
    for (let index = 0; index < result.taken; index++) {
      const { input, record } = inputRecordAt(plan, index);
      next[input] = record.offset + 1;
    }
    return {
      turn,
      token: this.#token,
      offsets: fetcher.buffers.map((buffer, rank) => ({ topic: buffer.topic, next: next[rank] ?? 0 })),
      tickMs: result.tick.ms,
      tickKey: result.tick.key,
      mode,
      counts: addOutcomes(this.#entry?.counts ?? COUNTS_START, byInput),
      minReaderVersion: READER_VERSION,
      erasureCheck: this.#entry?.erasureCheck ?? (hasErased ? (application.erasure?.secretCheck ?? null) : null),
    };
  }

  #tick(): Tick {
    return this.#entry === null ? TICK_START : { ms: this.#entry.tickMs, key: this.#entry.tickKey };
  }

  async #loadTimers(): Promise<TimerWindow> {
    await this.#flushAll(); // The store's index is exact only when nothing is dirty.
    const { timersLoadedMax } = this.#options.limits;
    const timers = await this.#table.timers(timersLoadedMax);
    return new TimerWindow(timers, timers.length < timersLoadedMax);
  }

  async #flushAll(): Promise<void> {
    await this.#flusher.settle();
    this.#flusher.check();
    await this.#flusher.flush(false);
  }

  async #scrub(signal: AbortSignal): Promise<void> {
    if (this.#unverified && (await this.#table.scrub(signal))) this.#unverified = false;
  }
}

/** A window holds at most this many times the timers it was loaded with, stale ones included; then it is loaded anew. */
const TIMERS_STALE_FACTOR = 4;

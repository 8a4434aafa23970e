import { openEmbeddedLog, type EmbeddedLog, type LogLimits } from "@tidemark/log-embedded";
import { openLevelStore } from "@tidemark/store-level";
import {
  type Application,
  type Appended,
  type Clock,
  type ClockMode,
  type EventLog,
  type LogRecord,
  type LogWriter,
  type PartitionBatch,
  type RecordToAppend,
  partitionOf,
  type StateStore,
  Task,
  TASK_LIMITS,
  type TaskLimits,
  type TaskState,
  TurnGate,
  type TurnReport,
} from "@tidemark/streams";
import * as streams from "@tidemark/streams";
import { MemoryLevel } from "memory-level";
import { checkRun } from "../simulation/check.ts";
import {
  COUNTER_TASK_TOPICS,
  COUNTER_TOPICS,
  counterApplication,
  type CounterEvent,
  type CounterState,
  counterTopicSpecs,
  SILENCE_MS,
  SILENCES_MAX,
} from "../simulation/counter-application.ts";
import { Random } from "../simulation/random.ts";
import { PARTITION, PARTITIONS } from "../simulation/runtime.ts";
import { type Process, Scheduler } from "../simulation/scheduler.ts";

/** One partition's task on the real log and store in memory, where nothing moves but what the scheduler lets. */
export interface Rig extends AsyncDisposable {
  readonly scheduler: Scheduler;
  /** The clock of everything here; {@link shiftClock} makes its `now` wrong. */
  readonly clock: Clock;
  readonly log: EmbeddedLog;
  readonly store: StateStore;
  readonly application: CounterApplication;
  start(options?: OwnerOptions): Owner;
  /** Appends records, all at once and after everything that was appended before. */
  append(topic: string, records: readonly RecordToAppend[], partition?: number): Promise<Appended>;
  /** Appends batches with one append time. */
  appendBatches(batches: readonly PartitionBatch[]): Promise<Appended>;
  shiftClock(ms: number): void;
  /** Lets things happen until the condition holds. */
  until(condition: () => boolean, what: string): Promise<void>;
  /** Lets things happen until the promise is settled. */
  drive<T>(promise: Promise<T>): Promise<T>;
  /** Lets so much time pass. */
  pass(ms: number): Promise<void>;
  read(topic: string): Promise<readonly LogRecord[]>;
  /** Lets all timers fire, stops the owner and holds what it left against every invariant. */
  check(owner: Owner): Promise<void>;
}

export type CounterApplication = Application<CounterState, CounterEvent>;

export interface RigOptions {
  readonly mode?: ClockMode;
  readonly application?: Partial<CounterApplication>;
  /** All that come into force, in their order. */
  readonly models?: readonly string[];
  readonly logLimits?: Partial<LogLimits>;
  readonly seed?: number;
}

export interface OwnerOptions {
  /** 0 unless said; another needs a store of its own. */
  readonly partition?: number;
  readonly limits?: Partial<TaskLimits>;
  readonly bootId?: string;
  readonly store?: StateStore;
  readonly application?: Partial<CounterApplication>;
  /** What stands between the task and its log. */
  readonly wrapLog?: (log: EventLog) => EventLog;
  readonly confirmOwnership?: (signal: AbortSignal) => Promise<void>;
  /** Shared with other tasks of a thread. */
  readonly gate?: TurnGate;
}

export interface Owner {
  readonly task: Task<CounterState, CounterEvent>;
  readonly states: readonly TaskState[];
  readonly recoveries: readonly unknown[];
  readonly turns: readonly TurnReport[];
  /** Models that it said it waits for. */
  readonly missingModels: readonly string[];
  /** Why it said that it makes its store anew. */
  readonly storesDropped: readonly string[];
  /** How often the registry was said not to answer. */
  readonly registryOutages: () => number;
  /** What the task ended with; null while it runs or if it ended well. */
  readonly failure: () => unknown;
  readonly ended: () => boolean;
  /** Ends the life of its process between two steps: nothing of it happens any more. */
  crash(): void;
  /** Asks it to stop, without waiting. */
  abort(): void;
  /** Stops it; rejects with what it failed with. */
  stop(): Promise<void>;
}

export const START_AT = 1_700_000_000_000;
const STEPS_MAX = 100_000;

export async function openRig(options: RigOptions = {}): Promise<Rig> {
  const mode = options.mode ?? "wall";
  const scheduler = new Scheduler(new Random(options.seed ?? 1), START_AT);
  const broker: Process = { state: "alive" };
  const processes: Process[] = [];
  let shiftMs = 0;
  let tokens = 0;
  const clockOf = (process: Process): Clock => ({
    ...scheduler.clock(process),
    now: () => scheduler.now + shiftMs,
  });
  const clock = clockOf(broker);
  const application = { ...counterApplication(mode), ...options.application };
  const models = options.models ?? [application.models.current];
  const limits = options.logLimits;
  const log = await openEmbeddedLog({
    level: new MemoryLevel({ keyEncoding: "buffer", valueEncoding: "buffer" }),
    clock,
    ...(limits === undefined ? {} : { limits }),
  });
  const store = await openStore();
  let after = 0;

  const until: Rig["until"] = async (condition, what) => {
    for (let step = 0; step < STEPS_MAX; step++) {
      // What the last step has set off is done before another is taken: time must not pass for nothing.
      await new Promise(setImmediate);
      if (condition()) return;
      await scheduler.advance();
    }
    throw new Error(`it did not come to this: ${what}`);
  };
  const drive: Rig["drive"] = async (promise) => {
    const watch = { settled: false };
    const watched = promise.finally(() => {
      watch.settled = true;
    });
    watched.catch(() => undefined);
    await until(() => watch.settled, "what is waited for settles");
    return watched;
  };
  const pass: Rig["pass"] = async (ms) => {
    await drive(clock.sleep(ms, new AbortController().signal));
  };

  const appendBatches: Rig["appendBatches"] = async (batches) => {
    const appended = await drive(log.append(batches, { after }));
    after = appended.appendedAt;
    return appended;
  };

  const start: Rig["start"] = (owned = {}) => {
    const process: Process = { state: "alive" };
    processes.push(process);
    const stop = new AbortController();
    const states: TaskState[] = [];
    const recoveries: unknown[] = [];
    const turns: TurnReport[] = [];
    const missing: string[] = [];
    const dropped: string[] = [];
    let registryOutages = 0;
    let outcome: { readonly failure: unknown } | null = null;
    const task = new Task({
      application: { ...application, ...owned.application },
      log: owned.wrapLog?.(log) ?? log,
      store: owned.store ?? store,
      clock: clockOf(process),
      mode,
      partition: owned.partition ?? PARTITION,
      partitions: PARTITIONS,
      writerId: `counter-${owned.partition ?? PARTITION}`,
      owner: "rig",
      topics: COUNTER_TASK_TOPICS,
      limits: { ...TASK_LIMITS, ...owned.limits },
      gate: owned.gate ?? new TurnGate(clockOf(process)),
      timeScale: 1,
      bootId: owned.bootId ?? "boot-1",
      token: () => `token-${++tokens}`,
      confirmOwnership: owned.confirmOwnership ?? (() => Promise.resolve()),
      observer: {
        entered: (state) => states.push(state),
        recovering: (error) => recoveries.push(error),
        turn: (report) => turns.push(report),
        modelMissing: (id) => missing.push(id),
        storeDropped: (why) => dropped.push(why),
        registryUnavailable: () => {
          registryOutages++;
        },
      },
    });
    const done = task.run(stop.signal);
    void noteEnd(done, (failure) => {
      outcome = { failure };
    });
    return {
      task,
      states,
      recoveries,
      turns,
      missingModels: missing,
      storesDropped: dropped,
      registryOutages: () => registryOutages,
      failure: () => outcome?.failure ?? null,
      ended: () => outcome !== null,
      crash: () => {
        process.state = "dead";
      },
      abort: () => stop.abort(),
      stop: async () => {
        stop.abort();
        await drive(done);
      },
    };
  };

  await drive(log.createTopics(counterTopicSpecs(PARTITIONS)));
  return {
    scheduler,
    clock,
    log,
    store,
    application,
    start,
    until,
    drive,
    pass,
    shiftClock: (ms) => {
      shiftMs = ms;
    },
    append: (topic, records, partition = PARTITION) => appendBatches([{ topic, partition, records }]),
    appendBatches,
    read: (topic) => drive(readAll(log, topic)),
    check: async (owner) => {
      if (mode === "wall") {
        const quietAt = after + SILENCE_MS * (SILENCES_MAX + 2);
        await until(() => scheduler.now > quietAt && caughtUp(owner), "all timers have fired");
      }
      await owner.stop();
      await drive(checkRun({ log, store, runtime: streams, application, clock, mode, models, openStore }));
    },
    async [Symbol.asyncDispose]() {
      for (const process of processes) process.state = "dead";
      await log.close();
    },
  };
}

/** Whether the task runs and has nothing left to apply. */
export function caughtUp(owner: Owner): boolean {
  const { lag, status } = owner.task;
  return status.state === "running" && lag.length > 0 && lag.every(({ records }) => records === 0);
}

/** Keys of a partition. */
export function keysOf(count: number, partition = PARTITION): string[] {
  const keys: string[] = [];
  for (let n = 0; keys.length < count; n++) {
    const key = `key-${n}`;
    if (partitionOf(Buffer.from(key), PARTITIONS) === partition) keys.push(key);
  }
  return keys;
}

/** An event of the counter application as a record. */
export function event(key: string, id: number, kind: CounterEvent["kind"] = "add", at = id): RecordToAppend {
  const value: CounterEvent = { id, at, amount: 1, kind };
  return { key: Buffer.from(key), value: Buffer.from(JSON.stringify(value)) };
}

export function openStore(): Promise<StateStore> {
  return openLevelStore({ level: new MemoryLevel({ keyEncoding: "utf8", valueEncoding: "buffer" }) });
}

/** A port with some of its functions replaced. */
export function logWith(log: EventLog, replaced: Partial<EventLog>): EventLog {
  return {
    createTopics: (specs) => log.createTopics(specs),
    topics: () => log.topics(),
    offsets: (topic, partition) => log.offsets(topic, partition),
    fetch: (positions, options) => log.fetch(positions, options),
    append: (batches, options) => log.append(batches, options),
    openWriter: (id) => log.openWriter(id),
    close: () => log.close(),
    ...replaced,
  };
}

/** A log whose commits go through a function. */
export function logWithCommit(
  log: EventLog,
  commit: (writer: LogWriter, batches: readonly PartitionBatch[]) => Promise<Appended>,
): EventLog {
  return logWith(log, {
    openWriter: async (id) => {
      const writer = await log.openWriter(id);
      return { commit: (batches) => commit(writer, batches), close: () => writer.close() };
    },
  });
}

/** Holds back whoever waits at it while it is closed. */
export class Gate {
  readonly #waiting: (() => void)[] = [];
  #closed = false;

  get waiting(): number {
    return this.#waiting.length;
  }

  close(): void {
    this.#closed = true;
  }

  open(): void {
    this.#closed = false;
    for (const resume of this.#waiting.splice(0)) resume();
  }

  pass(): Promise<void> {
    if (!this.#closed) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }
}

export function storeWith(store: StateStore, replaced: Partial<StateStore>): StateStore {
  return {
    get: (key) => store.get(key),
    write: (changes, options) => store.write(changes, options),
    scan: (range) => store.scan(range),
    purge: () => store.purge(),
    clear: () => store.clear(),
    reopen: () => store.reopen(),
    bytes: () => store.bytes(),
    close: () => store.close(),
    ...replaced,
  };
}

export function json(value: Uint8Array | null | undefined): unknown {
  return JSON.parse(Buffer.from(value ?? []).toString());
}

export interface Letter {
  readonly topic: string;
  readonly offset: number;
  readonly code: string;
}

/** The dead letters, in order. */
export async function letters(rig: Rig): Promise<readonly Letter[]> {
  return (await rig.read(COUNTER_TOPICS.deadLetters)).map((record) => {
    const { topic, offset, code } = json(record.value) as Letter;
    return { topic, offset, code };
  });
}

/** The committed state of each key, as the changelog has it. */
export async function statesOf(rig: Rig): Promise<Map<string, CounterState>> {
  const states = new Map<string, CounterState>();
  for (const { key, value } of await rig.read(COUNTER_TOPICS.changelog)) {
    const parsed = streams.parseChangelogKey(key ?? new Uint8Array());
    if (parsed?.kind !== "state") continue;
    if (value === null) states.delete(parsed.key);
    else states.set(parsed.key, json(value) as CounterState);
  }
  return states;
}

async function noteEnd(done: Promise<void>, note: (failure: unknown) => void): Promise<void> {
  try {
    await done;
    note(null);
  } catch (error) {
    note(error);
  }
}

async function readAll(log: EventLog, topic: string): Promise<LogRecord[]> {
  const { start, end } = await log.offsets(topic, PARTITION);
  const records: LogRecord[] = [];
  for (let offset = start; offset < end;) {
    const [slice] = await log.fetch([{ topic, partition: PARTITION, offset }], {
      bytesMaxPerPartition: 1e6,
      waitMsMax: 0,
      signal: new AbortController().signal,
    });
    records.push(...(slice?.records ?? []));
    offset = slice?.offsetNext ?? end;
  }
  return records;
}

import {
  type Clock,
  type ClockMode,
  type EventLog,
  type PartitionBatch,
  partitionOf,
  type StateStore,
  type Task,
  type TaskLimits,
} from "@tidemark/streams";
import { checkRun } from "./check.ts";
import {
  COUNTER_TASK_TOPICS,
  COUNTER_TOPICS,
  type CounterEvent,
  counterApplication,
  type CounterFaults,
  type CounterState,
  counterTopicSpecs,
  SILENCE_MS,
  SILENCES_MAX,
} from "./counter-application.ts";
import { CounterModels } from "./counter-models.ts";
import { type LogFaults, faultyLog } from "./faulty-log.ts";
import { FaultyDisk, type Room } from "./faulty-store.ts";
import { WRONG_PARTITION_KEY } from "./one-map-model.ts";
import { Random } from "./random.ts";
import { PARTITION, PARTITIONS, type Runtime } from "./runtime.ts";
import { type Process, Scheduler } from "./scheduler.ts";
import { skewedLog } from "./skewed-log.ts";
import { openLog, openStore } from "./world.ts";

export interface RunOptions {
  readonly runtime: Runtime;
  readonly openLog?: (clock: Clock) => Promise<EventLog>;
  readonly applicationFaults?: CounterFaults;
}

export interface RunReport {
  readonly steps: number;
  readonly crashes: number;
  readonly powerLosses: number;
  readonly zombies: number;
  readonly recoveries: number;
  /** Writes of a store that failed. */
  readonly storeFailures: number;
  readonly turns: number;
  /** Models that came into force after the first. */
  readonly switches: number;
}

/** Some events are told so much later than they happened. */
const LATE_MS_MAX = 2_000;
const START_AT = 1_700_000_000_000;
const FAULTY_STEPS = 260;
const HEALING_STEPS_MAX = 6_000;
/** Taken when all timers are due. */
const LAST_STEPS = 100;
const EVENTS = 34;
/** What is drawn by the way leaves the rest of a seed's run as it is. */
const SKEW_SEED = 1_000_003;
const SKEW_MS_MAX = 80;
const ROOM_SEED = 2_000_003;
const NAMES = ["ann", "bob", "cy", "dee", "eve", "fay", "gus", "hal", "ida", "jo", "kim", "lou"];
const KEYS = NAMES.filter((name) => partitionOf(Buffer.from(name), PARTITIONS) === PARTITION).slice(0, 5);
const NO_FAULTS: LogFaults = { replyLost: 0, requestLost: 0, unavailable: 0 };
const FAULTS: LogFaults = { replyLost: 0.06, requestLost: 0.04, unavailable: 0.01 };

const LIMITS: TaskLimits = {
  turnRecordsMax: 4,
  turnKeysMax: 3,
  turnBytesMax: 400,
  turnTimersMax: 2,
  // A key fires at most twice in a turn, and long silences are cut.
  turnTimerSpanMs: 600,
  sweepKeysMax: 2,
  sweepKeysLoadedMax: 3,
  turnIntervalMs: 5,
  sliceMsMax: 2,
  bufferRecordsMax: 6,
  bufferRecordsMin: 3,
  bufferBytesMax: 500,
  fetchBytesMax: 150,
  fetchWaitMs: 40,
  flushEntries: 2,
  flushIntervalMs: 60,
  dirtyEntriesMax: 4,
  cachedEntriesMax: 2,
  cachedEntriesMin: 1,
  timersLoadedMax: 2,
  scrubDelayMs: 0,
  backoffMsMin: 5,
  backoffMsMax: 40,
  clockLeadMsMax: 60_000,
  checkpointStaleMsMax: 3_600_000,
};

/** In a part of the seeds the store is written seldom, so that much is only in memory. */
const LAZY_STORE: Partial<TaskLimits> = { flushEntries: 5, flushIntervalMs: 1_000, dirtyEntriesMax: 8 };

/** Runs one seed: faults, then healing, then every invariant. Rejects with what does not hold. */
export async function runSeed(seed: number, options: RunOptions): Promise<RunReport> {
  const run = new Run(seed, options);
  return run.go();
}

/** Who died meanwhile stays dead: another has its directory. */
function wake(stopped: readonly Owner[]): void {
  for (const { process } of stopped) {
    if (process.state === "stopped") process.state = "alive";
  }
}

interface Owner {
  readonly process: Process;
  readonly task: Task<CounterState, CounterEvent>;
  readonly stop: AbortController;
  readonly done: Promise<void>;
}

class Run {
  readonly #seed: number;
  readonly #random: Random;
  readonly #scheduler: Scheduler;
  /** In a part of the seeds disks are full now and then: drawn by the way, as the skew is. */
  readonly #room: Random;
  readonly #fullChance: number;
  readonly #runtime: Runtime;
  readonly #options: RunOptions;
  readonly #mode: ClockMode;
  readonly #limits: TaskLimits;
  readonly #broker: Process = { state: "alive" };
  readonly #report = { steps: 0, crashes: 0, powerLosses: 0, zombies: 0, recoveries: 0, storeFailures: 0 };
  #faults: LogFaults = FAULTS;
  #owner: Owner | null = null;
  #failure: { readonly cause: unknown } | null = null;
  #bootId = 1;
  #tickAt = START_AT;
  #disk = 0;
  readonly #holders = new Map<number, Process>();
  #tokens = 0;
  readonly #models: CounterModels;
  #produced = false;

  constructor(seed: number, options: RunOptions) {
    this.#seed = seed;
    this.#random = new Random(seed);
    this.#scheduler = new Scheduler(this.#random, START_AT);
    this.#models = new CounterModels(this.#random);
    this.#room = new Random(seed + ROOM_SEED);
    this.#fullChance = this.#room.pick([0, 0, 0.03, 0.3]);
    this.#runtime = options.runtime;
    this.#options = options;
    this.#mode = seed % 4 === 3 ? "event" : "wall";
    this.#limits = seed % 3 === 0 ? { ...LIMITS, ...LAZY_STORE } : LIMITS;
  }

  async go(): Promise<RunReport> {
    const log = this.#led(await this.#drive((this.#options.openLog ?? openLog)(this.#scheduler.clock(this.#broker))));
    await this.#drive(log.createTopics(counterTopicSpecs(PARTITIONS)));
    const stores = [await openStore(), await openStore()];
    const disks = stores.map((store) => new FaultyDisk(store));
    const producing = this.#produce(log);
    producing.catch((cause: unknown) => {
      this.#failure = { cause };
    });
    await this.#misbehave(log, disks);
    this.#faults = NO_FAULTS;
    await this.#heal(log, disks);
    const owner = this.#owner;
    if (owner === null) throw new Error("there is no owner after healing");
    owner.stop.abort();
    await this.#drive(owner.done);
    const store = stores[this.#disk];
    if (store === undefined) throw new Error("there is no store");
    const turns = await this.#drive(
      checkRun({
        log,
        store,
        runtime: this.#runtime,
        application: counterApplication(this.#mode, this.#options.applicationFaults),
        clock: this.#scheduler.clock(this.#broker),
        mode: this.#mode,
        models: this.#models.published,
        openStore,
      }),
    );
    await this.#drive(log.close());
    return { ...this.#report, steps: this.#scheduler.count, turns, switches: this.#models.published.length - 1 };
  }

  /** In a part of the seeds an input moves to a leader whose clock is behind. */
  #led(log: EventLog): EventLog {
    const random = new Random(this.#seed + SKEW_SEED);
    if (!random.chance(0.3)) return log;
    const topic = random.pick(COUNTER_TOPICS.inputs);
    return skewedLog(log, { topic, offset: random.integer(EVENTS / 2), ms: 1 + random.integer(SKEW_MS_MAX) });
  }

  /** Events of several keys on both inputs, some twice, some bad. */
  async #produce(log: EventLog): Promise<void> {
    const clock = this.#scheduler.clock(this.#broker);
    const never = new AbortController().signal;
    let after = 0;
    const times: number[] = [];
    for (let id = 0; id < EVENTS; id++) {
      const again = id > 0 && this.#random.chance(0.15) ? this.#random.integer(id) : id;
      const kind = this.#random.chance(0.04)
        ? this.#random.pick(["refuse", "throw-in-apply", "throw-in-score"] as const)
        : "add";
      const key = KEYS[again % KEYS.length] ?? "";
      // Sent again it is of the same time; some come so late that their key may have been erased meanwhile.
      const now = this.#mode === "wall" ? clock.now() : this.#tickAt + 1;
      times[id] = now - (this.#random.chance(0.15) ? this.#random.integer(LATE_MS_MAX) : 0);
      const at = times[again] ?? now;
      const event: CounterEvent = { id: again, at, amount: 1 + (again % 7), kind };
      const bytes = this.#random.chance(0.08)
        ? null
        : Buffer.from(this.#random.chance(0.02) ? "{" : JSON.stringify(event));
      const stray = this.#random.chance(0.02);
      const batch: PartitionBatch = {
        topic: this.#random.pick(COUNTER_TOPICS.inputs),
        partition: PARTITION,
        records: [{ key: Buffer.from(stray ? WRONG_PARTITION_KEY : key), value: bytes }],
      };
      after = (await log.append([batch], { after })).appendedAt - 1;
      if (this.#mode === "event" && this.#random.chance(0.25)) after = await this.#tick(log, after + 1);
      if (this.#random.chance(0.05)) this.#models.publish();
      if (this.#random.chance(0.6)) await clock.sleep(this.#random.integer(this.#random.chance(0.1) ? 900 : 60), never);
    }
    if (this.#mode === "event") await this.#tick(log, after + 1);
    this.#produced = true;
  }

  /** A TICK comes after everything before it and before everything after it. */
  async #tick(log: EventLog, after: number): Promise<number> {
    this.#tickAt += this.#random.integer(2 * SILENCE_MS);
    const value = Buffer.from(JSON.stringify({ at: this.#tickAt }));
    const batch: PartitionBatch = {
      topic: COUNTER_TOPICS.ticks,
      partition: PARTITION,
      records: [{ key: null, value }],
    };
    return (await log.append([batch], { after })).appendedAt;
  }

  async #misbehave(log: EventLog, disks: readonly FaultyDisk[]): Promise<void> {
    const stopped: Owner[] = [];
    for (let step = 0; step < FAULTY_STEPS; step++) {
      if (this.#owner === null && this.#random.chance(0.2)) this.#start(log, disks);
      await this.#scheduler.advance();
      this.#rethrow();
      const owner = this.#owner;
      if (owner !== null && this.#random.chance(0.008)) {
        owner.process.state = "dead";
        this.#owner = null;
        this.#report.crashes++;
        if (this.#random.chance(0.4)) {
          this.#report.powerLosses++;
          await disks[this.#disk]?.powerLoss(this.#scheduler);
          this.#bootId++;
        }
        if (this.#random.chance(0.3)) this.#disk = 1 - this.#disk;
      } else if (owner !== null && this.#random.chance(0.006)) {
        // A second owner takes over on another machine while the first one only seems to be gone.
        owner.process.state = "stopped";
        stopped.push(owner);
        this.#report.zombies++;
        this.#disk = 1 - this.#disk;
        this.#start(log, disks);
      }
      if (stopped.length > 0 && this.#random.chance(0.03)) {
        wake(stopped.splice(0));
      }
    }
    wake(stopped);
  }

  async #heal(log: EventLog, disks: readonly FaultyDisk[]): Promise<void> {
    if (this.#owner === null) this.#start(log, disks);
    let quietSince = Number.POSITIVE_INFINITY;
    let stepsLeft = LAST_STEPS;
    for (let step = 0; step < HEALING_STEPS_MAX; step++) {
      await this.#scheduler.advance();
      this.#rethrow();
      const owner = this.#owner;
      const quiet =
        owner !== null &&
        this.#produced &&
        owner.task.status.state === "running" &&
        owner.task.lag.length > 0 &&
        owner.task.lag.every((lag) => lag.records === 0) &&
        !owner.task.status.sweeping &&
        owner.task.status.model === this.#models.published.at(-1);
      if (!quiet) quietSince = Number.POSITIVE_INFINITY;
      else quietSince = Math.min(quietSince, this.#scheduler.now);
      // Time may have passed in one go: what is due by then has yet to happen.
      if (this.#scheduler.now <= quietSince + SILENCE_MS * (SILENCES_MAX + 2)) stepsLeft = LAST_STEPS;
      else if (--stepsLeft === 0) return;
    }
    throw new Error(
      `I8: after healing the lag did not reach 0 and stay there (${JSON.stringify([this.#owner?.task.status, this.#owner?.task.lag, this.#produced, this.#scheduler.now])})`,
    );
  }

  #start(log: EventLog, disks: readonly FaultyDisk[]): void {
    const process: Process = { state: "alive" };
    // A directory is locked by who has it open: whoever still had this one must be gone.
    const holder = this.#holders.get(this.#disk);
    if (holder !== undefined) holder.state = "dead";
    this.#holders.set(this.#disk, process);
    const disk = disks[this.#disk];
    if (disk === undefined) throw new Error("there is no disk");
    const runtime = this.#runtime;
    const clock = this.#scheduler.clock(process);
    const task: Task<CounterState, CounterEvent> = new runtime.Task({
      application: counterApplication(this.#mode, this.#options.applicationFaults, this.#models.heardBy()),
      log: faultyLog(log, process, this.#scheduler, () => this.#faults, {
        commitUnknown: (message) => new runtime.CommitUnknown(message),
        logUnavailable: (message) => new runtime.LogUnavailable(message),
      }),
      store: disk.open(process, this.#scheduler, () => this.#roomLeft()) satisfies StateStore,
      clock,
      mode: this.#mode,
      partition: PARTITION,
      partitions: PARTITIONS,
      writerId: "counter-0",
      owner: "simulated",
      topics: COUNTER_TASK_TOPICS,
      limits: this.#limits,
      gate: new runtime.TurnGate(clock, 1),
      timeScale: 1,
      bootId: `boot-${this.#bootId}`,
      token: () => `token-${++this.#tokens}`,
      confirmOwnership: async () => {
        await this.#scheduler.step(process);
        // Who has lost the partition hears it from the group here, and stops.
        if (this.#owner?.process !== process) process.state = "dead";
        await this.#scheduler.step(process);
      },
      observer: {
        entered: () => undefined,
        recovering: () => {
          this.#report.recoveries++;
        },
        turn: () => undefined,
        registryUnavailable: () => undefined,
        modelMissing: () => undefined,
        storeDropped: () => undefined,
      },
    });
    const stop = new AbortController();
    const done = task.run(stop.signal);
    done.catch((cause: unknown) => {
      this.#failure = { cause };
    });
    this.#owner = { process, task, stop, done };
  }

  #roomLeft(): Room {
    if (this.#faults === NO_FAULTS || !this.#room.chance(this.#fullChance)) return "enough";
    this.#report.storeFailures++;
    return this.#room.pick(["none", "enough, and told none"] as const);
  }

  #rethrow(): void {
    if (this.#failure !== null) throw this.#failure.cause;
  }

  /** Lets things happen until the promise is settled. */
  async #drive<T>(promise: Promise<T>): Promise<T> {
    const watch = { settled: false };
    const watched = promise.finally(() => {
      watch.settled = true;
    });
    watched.catch(() => undefined);
    for (let step = 0; step < HEALING_STEPS_MAX && !watch.settled; step++) await this.#scheduler.advance();
    if (!watch.settled) throw new Error("what was waited for did not happen");
    return watched;
  }
}

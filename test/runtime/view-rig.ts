import {
  type EventLog,
  JOURNAL_KEY,
  type LogRecord,
  parseChangelogKey,
  stateKey,
  type StateStore,
  StoredView,
  TASK_LIMITS,
  type TaskLimits,
  View,
  type ViewAggregate,
} from "@tidemark/streams";
import { COUNTER_TOPICS } from "../simulation/counter-application.ts";
import { faultyLog } from "../simulation/faulty-log.ts";
import type { FaultyDisk } from "../simulation/faulty-store.ts";
import { PARTITION } from "../simulation/runtime.ts";
import type { Process } from "../simulation/scheduler.ts";
import { json, type Rig } from "./rig.ts";

const { changelog } = COUNTER_TOPICS;

export interface Counts {
  readonly states: number;
  readonly sum: number;
}

export interface Following {
  readonly view: View;
  /** Of the same store. */
  readonly stored: StoredView;
  readonly ready: boolean;
  readonly aggregate: ViewAggregate & { counts(): Counts };
  readonly process: Process;
  failure(): unknown;
  abort(): void;
  stop(): Promise<void>;
}

export interface ViewSetup {
  readonly refusesSaved?: boolean;
  readonly log?: EventLog;
  readonly store: StateStore;
  readonly process?: Process;
  readonly partition?: number;
  readonly bootId?: string;
  readonly limits?: Partial<TaskLimits>;
  readonly withoutAggregate?: true;
}

export function newView(rig: Rig, setup: ViewSetup): Pick<Following, "view" | "stored" | "aggregate" | "process"> {
  const process = setup.process ?? { state: "alive" };
  const aggregate = { ...counting(), ...(setup.refusesSaved === true ? { load: () => false } : {}) };
  const { partition = PARTITION, store } = setup;
  const stored = new StoredView({ partition, store, onDamage: (cause) => view.damaged(cause) });
  const view = new View({
    log: setup.log ?? rig.log,
    topic: changelog,
    partition,
    store,
    clock: rig.scheduler.clock(process),
    bootId: setup.bootId ?? "boot-1",
    tickOf: (bytes) => rig.application.journal.decodeEntry(bytes).tickMs,
    limits: { ...TASK_LIMITS, ...setup.limits },
    ...(setup.withoutAggregate === true ? {} : { aggregate }),
    onProgress: (progress) => {
      stored.progress = progress;
    },
  });
  return { view, stored, aggregate, process };
}

export function startView(rig: Rig, setup: ViewSetup): Following {
  const stop = new AbortController();
  const { view, stored, aggregate, process } = newView(rig, setup);
  let failure: unknown = null;
  const done = view.run(stop.signal);
  done.catch((error: unknown) => {
    failure = error;
  });
  return {
    view,
    stored,
    get ready() {
      return stored.progress?.ready === true;
    },
    aggregate,
    process,
    failure: () => failure,
    abort: () => stop.abort(),
    stop: async () => {
      stop.abort();
      await rig.drive(done);
    },
  };
}

/** A view as one process has it, whose every call to the log and the disk is a step. */
export function startOn(rig: Rig, disk: FaultyDisk, boot: number): Following {
  const process: Process = { state: "alive" };
  const never = { replyLost: 0, requestLost: 0, unavailable: 0 };
  const errors = {
    commitUnknown: (text: string) => new Error(text),
    logUnavailable: (text: string) => new Error(text),
  };
  return startView(rig, {
    process,
    log: faultyLog(rig.log, process, rig.scheduler, () => never, errors),
    store: disk.open(process, rig.scheduler),
    bootId: `boot-${boot}`,
    limits: { fetchBytesMax: 80, fetchWaitMs: 5, flushIntervalMs: 3, cachedEntriesMax: 2, sliceMsMax: -1 },
  });
}

/** States by their number, and the sum of their contents. */
function counting(): Following["aggregate"] {
  let counts = { states: 0, sum: 0 };
  const add = (bytes: Uint8Array | null, sign: 1 | -1): void => {
    if (bytes === null) return;
    counts = { states: counts.states + sign, sum: counts.sum + sign * (json(bytes) as { n: number }).n };
  };
  return {
    update: (before, after) => {
      add(before, -1);
      add(after, 1);
    },
    save: () => Buffer.from(JSON.stringify(counts)),
    load: (bytes) => {
      counts = json(bytes) as typeof counts;
      return true;
    },
    counts: () => counts,
  };
}

export function recount(states: ReadonlyMap<string, Uint8Array>): Counts {
  const contents = [...states.values()].map((bytes) => (json(bytes) as { n: number }).n);
  return { states: contents.length, sum: contents.reduce((sum, n) => sum + n, 0) };
}

/** A record as it is written and as it is read. */
export type Written = Pick<LogRecord, "key" | "value">;

export function statesBefore(written: readonly Written[], position: number): Map<string, Uint8Array> {
  const states = new Map<string, Uint8Array>();
  for (const { key, value } of written.slice(0, position)) {
    const parsed = parseChangelogKey(key ?? new Uint8Array());
    if (parsed?.kind !== "state") continue;
    if (value === null) states.delete(parsed.key);
    else states.set(parsed.key, value);
  }
  return states;
}

export function state(key: string, n: number): Written {
  return { key: Buffer.from(stateKey(key)), value: Buffer.from(JSON.stringify({ n })) };
}

export function tombstone(key: string): Written {
  return { key: Buffer.from(stateKey(key)), value: null };
}

export function entry(turn: number, tickMs: number): Written {
  return { key: JOURNAL_KEY, value: Buffer.from(JSON.stringify({ turn, tickMs })) };
}

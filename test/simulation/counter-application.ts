import {
  type Application,
  type ClockMode,
  type Decoded,
  type Emitted,
  type JournalCodec,
  type Models,
  oneModel,
  type TaskTopics,
  type TopicSpec,
} from "@tidemark/streams";

/**
 * A small domain that uses all of the runtime: sums with deduplication, keys that are erased, a timer that says so when a key has been
 * silent, events that are refused, that throw when applied, and that throw when scored. What it ends with is a
 * function of the merged input order alone, however that is cut into turns, so that one map can tell it: a silence
 * that begins and ends within a turn, where no timer was set yet, is told when the key is scored.
 */
export interface CounterEvent {
  readonly id: number;
  /** When it happened, ms: of before its key was erased, it counts for nothing. */
  readonly at: number;
  readonly amount: number;
  readonly kind: "add" | "refuse" | "throw-in-apply" | "throw-in-score";
}

export interface CounterState {
  key: string;
  sum: number;
  count: number;
  seen: number[];
  /** Reference time of the newest event, from which silence is counted. */
  heardAt: number;
  /** Silences since then that were told or wait to be. */
  silences: number;
  /** Instants of silences that are told with the next score. */
  untold: number[];
  version: number;
  /** The one that has scored it last. */
  model: string;
  due: number | null;
  cursed: boolean;
  /** What happened up to then is erased, and what was appended before the other; 0 = never erased. */
  erasedAt: number;
  erasureAppendedAt: number;
}

/** What stays of an erased key. */
export interface CounterMarker {
  readonly version: number;
  readonly erasedAt: number;
  readonly appendedAt: number;
}

/** Rank of the input whose tombstones erase. */
export const ERASING_INPUT = 1;

export const SILENCE_MS = 400;
/** Silences told before a key is left alone. */
export const SILENCES_MAX = 3;
const SEEN_MAX = 64;

export const COUNTER_TOPICS = {
  inputs: ["events-a", "events-b"],
  changelog: "state",
  journal: "journal",
  scores: "scores",
  silences: "silences",
  deadLetters: "dead-letters",
  ticks: "ticks",
} as const;

export const COUNTER_TASK_TOPICS: TaskTopics = {
  changelog: COUNTER_TOPICS.changelog,
  journal: COUNTER_TOPICS.journal,
  outputs: [COUNTER_TOPICS.scores, COUNTER_TOPICS.silences, COUNTER_TOPICS.deadLetters],
};

export function counterTopicSpecs(partitions: number): TopicSpec[] {
  const { inputs, ...others } = COUNTER_TOPICS;
  return [...inputs, ...Object.values(others)].map((name) => ({
    name,
    partitions,
    policy: { cleanup: "delete", retentionMs: 1e15 },
  }));
}

export interface CounterFaults {
  readonly skipDedup?: boolean;
}

export function counterApplication(
  mode: ClockMode,
  faults: CounterFaults = {},
  models: Models = oneModel("counter-1"),
): Application<CounterState, CounterEvent> {
  return {
    inputs: COUNTER_TOPICS.inputs,
    ...(mode === "event"
      ? { ticks: { topic: COUNTER_TOPICS.ticks, decode: (value) => (parse(value) as Tick).at } }
      : {}),
    models,
    journal: jsonJournal,
    decode: (_input, _key, value): Decoded<CounterEvent> => {
      const event = parse(value) as CounterEvent | null;
      return event === null ? { kind: "refused", code: "MALFORMED", reason: "not JSON" } : { kind: "event", event };
    },
    schemaMissing: () => null,
    loadSchema: () => Promise.resolve(),
    create,
    erasure: {
      input: ERASING_INPUT,
      secretCheck: "counter-secret",
      markerKey: counterMarkerKey,
      erase: (state, context) => {
        const { appendedAt, referenceAt } = context;
        // What a timer would have told had there been time for it.
        noteSilences(state, (referenceAt ?? 0) - 1);
        for (const at of state.untold) context.emit(record(COUNTER_TOPICS.silences, state.key, { at }));
        context.emit({ topic: COUNTER_TOPICS.scores, key: Buffer.from(state.key), value: null });
        const marker: CounterMarker = {
          version: state.version,
          erasedAt: Math.max(referenceAt ?? 0, state.erasedAt),
          appendedAt: Math.max(appendedAt, state.erasureAppendedAt),
        };
        return Buffer.from(JSON.stringify(marker));
      },
      revive: (key, bytes) => {
        const { version, erasedAt, appendedAt } = parse(bytes) as CounterMarker;
        return { ...create(key), version, erasedAt, erasureAppendedAt: appendedAt };
      },
    },
    decodeState: (bytes) => parse(bytes) as CounterState,
    encodeState: (state) => Buffer.from(JSON.stringify(state)),
    dueOf: (bytes) => (parse(bytes) as CounterState).due,
    due: (state) => state.due,
    postpone: (state, due) => {
      state.due = due;
    },
    apply: (state, event, { appendedAt, referenceAt }) => {
      const { erasedAt, erasureAppendedAt } = state;
      if (erasureAppendedAt > 0 && (event.at <= erasedAt || appendedAt < erasureAppendedAt)) return "suppressed";
      if (event.kind === "refuse") return { kind: "refused", code: "REFUSED", reason: "asked for" };
      if (state.seen.includes(event.id) && faults.skipDedup !== true) return "duplicate";
      const heardAt = referenceAt ?? 0;
      noteSilences(state, heardAt - 1);
      state.sum += event.amount;
      if (event.kind === "throw-in-apply") throw new Error("asked for");
      state.cursed ||= event.kind === "throw-in-score";
      state.count++;
      state.seen = [...state.seen, event.id].slice(-SEEN_MAX);
      state.heardAt = heardAt;
      state.silences = 0;
      // Either is allowed: the due time that stands makes a timer fire early, another makes it stale.
      if (event.id % 2 === 0) state.due = heardAt + SILENCE_MS;
      return "applied";
    },
    score: (state, at, context) => {
      if (state.cursed) throw new Error("asked for");
      // A record of this very ms may still belie a silence that is told as of it: then the timer scores, after the record.
      const isLeft = state.model === context.model || nextSilenceAt(state) === at;
      if (context.cause === "model" && isLeft) return false;
      noteSilences(state, at);
      state.due = nextSilenceAt(state);
      if (context.cause === "timer" && state.untold.length === 0) return false; // R6: fired early.
      for (const silentAt of state.untold) {
        context.emit(record(COUNTER_TOPICS.silences, state.key, { at: silentAt, turn: context.turn }));
      }
      state.untold = [];
      state.version++;
      state.model = context.model;
      const { version, sum, model } = state;
      context.emit(record(COUNTER_TOPICS.scores, state.key, { version, sum, at, turn: context.turn, model }));
      return true;
    },
    deadLetter: (letter) =>
      record(COUNTER_TOPICS.deadLetters, "", {
        topic: letter.topic,
        partition: letter.partition,
        offset: letter.offset,
        code: letter.code,
      }),
  };
}

/** Not the key itself, and the same for the same. */
export function counterMarkerKey(key: string): string {
  return `${key.slice(1)}${key.slice(0, 1)}`;
}

function create(key: string): CounterState {
  return {
    key,
    sum: 0,
    count: 0,
    seen: [],
    heardAt: 0,
    silences: SILENCES_MAX,
    untold: [],
    version: 0,
    model: "",
    due: null,
    cursed: false,
    erasedAt: 0,
    erasureAppendedAt: 0,
  };
}

/** Takes note of the silences up to an instant. */
function noteSilences(state: CounterState, upTo: number): void {
  for (let at = nextSilenceAt(state); at !== null && at <= upTo; at = nextSilenceAt(state)) {
    state.untold.push(at);
    state.silences++;
  }
}

function nextSilenceAt({ heardAt, silences }: CounterState): number | null {
  return silences < SILENCES_MAX ? heardAt + SILENCE_MS * (silences + 1) : null;
}

interface Tick {
  readonly at: number;
}

const jsonJournal: JournalCodec = {
  encodeEntry: (entry) => Buffer.from(JSON.stringify(entry)),
  decodeEntry: (bytes) => parse(bytes) as ReturnType<JournalCodec["decodeEntry"]>,
  encodeBarrier: (barrier) => Buffer.from(JSON.stringify(barrier)),
  decodeBarrier: (bytes) => parse(bytes) as ReturnType<JournalCodec["decodeBarrier"]>,
};

function record(topic: string, key: string, value: unknown): Emitted {
  return { topic, key: Buffer.from(key), value: Buffer.from(JSON.stringify(value)) };
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString());
  } catch {
    return null;
  }
}

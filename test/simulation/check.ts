import assert from "node:assert/strict";
import {
  type Application,
  type Clock,
  type ClockMode,
  entryKey,
  type EventLog,
  type JournalEntry,
  type LogRecord,
  type StateStore,
} from "@tidemark/streams";
import {
  COUNTER_TOPICS,
  type CounterEvent,
  counterMarkerKey,
  type CounterMarker,
  type CounterState,
  ERASING_INPUT,
  SILENCE_MS,
} from "./counter-application.ts";
import { expectFrom, type InputRecord, letterId, placed, WRONG_PARTITION_KEY } from "./one-map-model.ts";
import { PARTITION, PARTITIONS, type Runtime } from "./runtime.ts";

export interface RunToCheck {
  readonly log: EventLog;
  /** Of the last owner, after a clean stop. */
  readonly store: StateStore;
  readonly runtime: Runtime;
  readonly application: Application<CounterState, CounterEvent>;
  readonly clock: Clock;
  readonly mode: ClockMode;
  /** In the order in which they came into force. */
  readonly models: readonly string[];
  openStore(): Promise<StateStore>;
}

/** Holds everything a run left against the invariants; rejects with the first that does not hold. @returns turns committed */
export async function checkRun(run: RunToCheck): Promise<number> {
  const { log, application } = run;
  const changelog = await readAll(log, COUNTER_TOPICS.changelog);
  const topics = [...COUNTER_TOPICS.inputs, COUNTER_TOPICS.ticks];
  const inputs = await Promise.all(topics.map((topic) => readAll(log, topic)));
  const outputs = new Map<string, readonly LogRecord[]>();
  for (const topic of [COUNTER_TOPICS.scores, COUNTER_TOPICS.silences, COUNTER_TOPICS.deadLetters]) {
    outputs.set(topic, await readAll(log, topic));
  }
  const turns = turnsOf(changelog, application);
  checkOwners(turns);
  const states = statesOf(changelog, "p");
  const markers = statesOf(changelog, "e");
  checkModels(run.models, turns, states, outputs.get(COUNTER_TOPICS.scores) ?? []);
  checkModel(states, markers, inputs, outputs, turns.at(-1)?.entry, run.mode);
  checkVersions(outputs.get(COUNTER_TOPICS.scores) ?? [], states, markers, application);
  await checkReplay(run, turns, inputs, outputs);
  await checkStore(run.store, states, markers);
  const erasedKeys = (inputs[ERASING_INPUT] ?? []).filter(({ value }) => value === null).map(({ key }) => text(key));
  await checkView(run, states, markers, erasedKeys);
  return turns.length;
}

interface CommittedTurn {
  readonly entry: JournalEntry;
  readonly states: readonly LogRecord[];
  /** Token of the newest barrier before it. */
  readonly barrier: string | null;
}

function turnsOf(
  changelog: readonly LogRecord[],
  application: Application<CounterState, CounterEvent>,
): CommittedTurn[] {
  const turns: CommittedTurn[] = [];
  let states: LogRecord[] = [];
  let barrier: string | null = null;
  for (const record of changelog) {
    const key = text(record.key);
    const value = record.value ?? new Uint8Array();
    if (key === "b") {
      assert.equal(states.length, 0, "no turn is torn by a barrier");
      barrier = application.journal.decodeBarrier(value).token;
    } else if (key === "j") {
      turns.push({ entry: application.journal.decodeEntry(value), states, barrier });
      states = [];
    } else {
      states.push(record);
    }
  }
  assert.equal(states.length, 0, "every state belongs to a turn");
  return turns;
}

/** I7, and that turns follow each other without a gap and time never falls. */
function checkOwners(turns: readonly CommittedTurn[]): void {
  for (const [index, { entry, barrier }] of turns.entries()) {
    assert.equal(entry.token, barrier, "I7: only the newest owner commits");
    assert.equal(entry.turn, index + 1, "turns are numbered without a gap");
    assert.ok(entry.tickMs >= (turns[index - 1]?.entry.tickMs ?? 0), "R3: the tick never falls");
  }
}

/** R8: a turn is scored with the model of its entry, no task goes back to an earlier one, and a sweep reaches every state. */
function checkModels(
  models: readonly string[],
  turns: readonly CommittedTurn[],
  states: ReadonlyMap<string, Uint8Array>,
  scores: readonly LogRecord[],
): void {
  let newest = 0;
  for (const { entry } of turns) {
    const index = models.indexOf(entry.model);
    assert.ok(index >= newest, "R8: no task goes back to an earlier model");
    newest = index;
  }
  for (const { value } of scores) {
    if (value === null) continue; // Of an erased key.
    const { turn, model } = parse(value) as { turn: number; model: string };
    assert.equal(model, turns[turn - 1]?.entry.model, "R8: a turn is scored with the model of its entry");
  }
  const last = turns.at(-1)?.entry;
  if (last === undefined) return;
  assert.equal(last.sweepAfter, null, "R8: a sweep ends");
  for (const bytes of states.values()) {
    const { model, due } = parse(bytes) as CounterState;
    // What was due at the very tick at which the sweep came is left to its timer, and after a quarantine that is a day away (R7).
    if (due !== null && due > last.tickMs + SILENCE_MS) continue;
    assert.equal(model, last.model, "R8: a sweep reaches every state");
  }
}

/** I1 and I2 against the one-map model. */
function checkModel(
  states: ReadonlyMap<string, Uint8Array>,
  markers: ReadonlyMap<string, Uint8Array>,
  inputs: readonly (readonly LogRecord[])[],
  outputs: ReadonlyMap<string, readonly LogRecord[]>,
  last: JournalEntry | undefined,
  mode: ClockMode,
): void {
  const letters = (outputs.get(COUNTER_TOPICS.deadLetters) ?? []).map(
    (record) => parse(record.value) as { topic: string; offset: number; code: string },
  );
  const quarantined = new Set(
    letters.filter((letter) => letter.code === "QUARANTINED").map((letter) => letterId(letter.topic, letter.offset)),
  );
  const records = placed(inputs);
  checkQuarantine(records, quarantined);
  const expected = expectFrom(records, quarantined, mode);
  const sums = new Map(
    [...states].map(([key, bytes]) => {
      const { sum, count } = parse(bytes) as CounterState;
      return [key, { sum, count }];
    }),
  );
  assert.deepEqual(sorted(sums), sorted(expected.sums), "I1: the states are those of the one-map model");
  assert.deepEqual(
    [...markers.keys()].sort(),
    [...expected.erased].map(counterMarkerKey).sort(),
    "R19: there is a marker for each key that was erased, and for no other",
  );
  const told = new Map<string, number[]>();
  for (const record of outputs.get(COUNTER_TOPICS.silences) ?? []) {
    listOf(told, text(record.key)).push((parse(record.value) as { at: number }).at);
  }
  for (const [key, silences] of expected.silences) {
    assert.deepEqual(
      told.get(key) ?? [],
      silences,
      "I5: each silence is told once, at its time, none lost, none before a purchase that waits",
    );
  }
  assert.equal(
    letters.length,
    new Set(letters.map((letter) => letterId(letter.topic, letter.offset))).size,
    "I2: no record is dead-lettered twice",
  );
  const { applied, duplicate, suppressed, deadLetter, ticks } = last?.counts ?? {
    applied: 0,
    duplicate: 0,
    suppressed: 0,
    deadLetter: 0,
    ticks: 0,
  };
  assert.deepEqual(
    { applied, duplicate, suppressed, deadLetter },
    expected.counts,
    "I2: every record has exactly one outcome",
  );
  assert.equal(
    applied + duplicate + suppressed + deadLetter + ticks,
    records.length,
    "I2: the outcomes add up to the length of the log",
  );
  for (const record of records.filter(
    ({ record: { key, value } }) =>
      text(key) !== WRONG_PARTITION_KEY && (parse(value) as CounterEvent | null)?.kind === "throw-in-score",
  )) {
    const event = parse(record.record.value) as CounterEvent;
    assert.ok(
      quarantined.has(letterId(COUNTER_TOPICS.inputs[record.rank] ?? "", record.record.offset)) ||
        isDuplicate(records, record, event) ||
        isErased(records, record),
      "R7: a record after which its key cannot be scored is a dead letter",
    );
  }
}

/** R7: what is quarantined threw, or was applied in one turn with a record of its key after which scoring threw. */
function checkQuarantine(records: readonly InputRecord[], quarantined: ReadonlySet<string>): void {
  const cursed = new Set<string>();
  for (const { record } of records) {
    if (record.value === null) continue;
    if ((parse(record.value) as CounterEvent | null)?.kind === "throw-in-score") cursed.add(text(record.key));
  }
  for (const { rank, record } of records) {
    if (!quarantined.has(letterId(COUNTER_TOPICS.inputs[rank] ?? "", record.offset))) continue;
    const { kind } = parse(record.value) as CounterEvent;
    assert.ok(kind === "throw-in-apply" || cursed.has(text(record.key)), "R7: only what throws is quarantined");
  }
}

function isDuplicate(records: readonly InputRecord[], of: InputRecord, event: CounterEvent): boolean {
  return records.some(
    ({ record, placedAt }) =>
      record !== of.record && placedAt <= of.placedAt && (parse(record.value) as CounterEvent | null)?.id === event.id,
  );
}

/** Whether its key was erased, before it or after: it is then suppressed, or gone before it was scored. */
function isErased(records: readonly InputRecord[], { record: of }: InputRecord): boolean {
  return records.some(
    ({ rank, record }) => rank === ERASING_INPUT && record.value === null && text(record.key) === text(of.key),
  );
}

/** I3: a reader that follows sees each key's version rise by exactly 1, up to the state's. */
function checkVersions(
  scores: readonly LogRecord[],
  states: ReadonlyMap<string, Uint8Array>,
  markers: ReadonlyMap<string, Uint8Array>,
  application: Application<CounterState, CounterEvent>,
): void {
  const versions = new Map<string, number>();
  for (const record of scores) {
    const key = text(record.key);
    if (record.value === null) continue;
    const { version } = parse(record.value) as { version: number };
    assert.equal(version, (versions.get(key) ?? 0) + 1, "I3: versions rise by exactly 1");
    versions.set(key, version);
  }
  for (const [key, bytes] of states) {
    assert.equal(versions.get(key) ?? 0, application.decodeState(bytes).version, "I3: the last score is the state's");
  }
  for (const [key, version] of versions) {
    const marker = markers.get(counterMarkerKey(key));
    if (marker === undefined || states.has(key)) continue;
    assert.equal((parse(marker) as CounterMarker).version, version, "R19: versions go on from the marker's");
    const newest = scores.findLast((record) => text(record.key) === key);
    assert.equal(newest?.value, null, "R19: no score stands of who is erased");
  }
}

/** R1: same log, same turns, same bytes. */
async function checkReplay(
  { runtime, application, clock }: RunToCheck,
  turns: readonly CommittedTurn[],
  inputs: readonly (readonly LogRecord[])[],
  outputs: ReadonlyMap<string, readonly LogRecord[]>,
): Promise<void> {
  const states = new Map<string, Uint8Array>();
  const emitted = new Map<string, string[]>();
  for (const [index, turn] of turns.entries()) {
    const before = turns[index - 1]?.entry ?? null;
    const records = inputs.map((ofTopic, rank) => {
      const from = before?.offsets[rank]?.next ?? 0;
      const to = turn.entry.offsets[rank]?.next ?? 0;
      return ofTopic.filter((record) => record.offset >= from && record.offset < to);
    });
    const replayed = await runtime.replayTurn(
      application,
      { partition: PARTITION, partitions: PARTITIONS },
      { entry: turn.entry, before, states, records },
      clock,
    );
    assert.deepEqual(
      replayed.states.map(({ key, value }) => [text(entryKey(key)), value === null ? null : text(value)]),
      turn.states.map(({ key, value }) => [text(key), value === null ? null : text(value)]),
      "R1: a replayed turn writes the same states",
    );
    for (const { key, value } of replayed.states) {
      if (value === null) states.delete(key);
      else states.set(key, value);
    }
    for (const record of replayed.emitted) {
      listOf(emitted, record.topic).push(text(record.value));
    }
  }
  for (const [topic, records] of outputs) {
    assert.deepEqual(
      emitted.get(topic) ?? [],
      records.map((record) => text(record.value)),
      "R1: replayed turns emit the same records",
    );
  }
}

/** I1: the store is a copy of the changelog, its timers those of the states. */
async function checkStore(
  store: StateStore,
  states: ReadonlyMap<string, Uint8Array>,
  markers: ReadonlyMap<string, Uint8Array>,
): Promise<void> {
  const rows = await store.scan({ from: "p", to: "s", limit: 10_000 });
  const stored = new Map(rows.map((row) => [row.key, text(row.value.subarray(4))]));
  assert.deepEqual(
    sorted(stored),
    sorted(
      new Map([
        ...[...states].map(([key, bytes]) => [`p${key}`, text(bytes)] as const),
        ...[...markers].map(([key, bytes]) => [`r${key}`, text(bytes)] as const),
      ]),
    ),
    "I1: the store equals the changelog",
  );
  const timers = await store.scan({ from: "t", to: "u", limit: 10_000 });
  const dues = [...states].flatMap(([key, bytes]) => {
    const { due } = parse(bytes) as CounterState;
    return due === null ? [] : [`t${due.toString().padStart(16, "0")}${key}`];
  });
  assert.deepEqual(timers.map((row) => row.key).sort(), dues.sort(), "R6: one timer for each state that is due");
}

/** I1: what queries read equals the changelog. */
async function checkView(
  { log, runtime, application, clock, openStore }: RunToCheck,
  states: ReadonlyMap<string, Uint8Array>,
  markers: ReadonlyMap<string, Uint8Array>,
  erasedKeys: readonly string[],
): Promise<void> {
  const stop = new AbortController();
  const [partition, store] = [PARTITION, await openStore()];
  const onDamage = (cause: unknown): void => view.damaged(cause);
  const stored = new runtime.StoredView({ partition, store, markerKey: counterMarkerKey, onDamage });
  const view = new runtime.View({
    log,
    topic: COUNTER_TOPICS.changelog,
    partition,
    store,
    clock,
    bootId: "view",
    tickOf: (bytes) => application.journal.decodeEntry(bytes).tickMs,
    onProgress: (progress) => {
      stored.progress = progress;
    },
    limits: { ...runtime.TASK_LIMITS, fetchWaitMs: 5, fetchBytesMax: 300, cachedEntriesMax: 1, flushIntervalMs: 3 },
  });
  const running = view.run(stop.signal);
  for (let i = 0; i < 1_000 && stored.progress?.ready !== true; i++) await clock.sleep(1, stop.signal);
  assert.ok(stored.progress?.ready, "a view becomes ready");
  for (const [key, bytes] of states) {
    assert.equal(text(stored.read(key).value), text(bytes), "I1: a query sees the state of the changelog");
  }
  for (const key of erasedKeys) {
    if (states.has(key)) continue;
    const marker = markers.get(counterMarkerKey(key)) ?? null;
    assert.equal(text(stored.read(key).marker), text(marker), "R19: a query sees who is erased");
  }
  stop.abort();
  await running;
}

/** The newest of each key, of those that begin with the prefix. */
function statesOf(changelog: readonly LogRecord[], prefix: "p" | "e"): Map<string, Uint8Array> {
  const states = new Map<string, Uint8Array>();
  for (const { key, value } of changelog) {
    if (!text(key).startsWith(prefix)) continue;
    if (value === null) states.delete(text(key).slice(1));
    else states.set(text(key).slice(1), value);
  }
  return states;
}

async function readAll(log: EventLog, topic: string): Promise<LogRecord[]> {
  const { end } = await log.offsets(topic, PARTITION);
  const records: LogRecord[] = [];
  let offset = 0;
  while (offset < end) {
    const [slice] = await log.fetch([{ topic, partition: PARTITION, offset }], {
      bytesMaxPerPartition: 1e6,
      waitMsMax: 0,
      signal: new AbortController().signal,
    });
    assert.ok(slice !== undefined && slice.offsetNext > offset, "a reader gets on");
    records.push(...slice.records);
    offset = slice.offsetNext;
  }
  return records;
}

function listOf<T>(lists: Map<string, T[]>, name: string): T[] {
  const found = lists.get(name);
  if (found !== undefined) return found;
  const list: T[] = [];
  lists.set(name, list);
  return list;
}

function sorted<T>(map: ReadonlyMap<string, T>): [string, T][] {
  return [...map].sort(([a], [b]) => (a < b ? -1 : 1));
}

function text(field: Uint8Array | string | null): string {
  return field === null ? "" : Buffer.from(field).toString();
}

function parse(value: Uint8Array | null): unknown {
  try {
    return JSON.parse(text(value));
  } catch {
    return null;
  }
}

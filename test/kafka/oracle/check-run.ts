import assert from "node:assert/strict";
import { expectedProfile } from "../../integration/customer-oracle.ts";
import type { ShopEvent } from "../../integration/shop-events.ts";
import { fateTeller } from "./event-fates.ts";
import { type ReadRecord, type RunRecords, textOf } from "./run-records.ts";
import { type OracleTurn, turnsOf, untaken } from "./turn-order.ts";

/** What was found beside that everything holds. */
export interface RunSummary {
  readonly inputs: number;
  readonly applied: number;
  readonly duplicate: number;
  readonly deadLetter: number;
  readonly turns: number;
  readonly scores: number;
  readonly tierChanges: number;
  /** Raised. */
  readonly alerts: number;
  /** Spells of ownership: one barrier each. */
  readonly owners: number;
}

/**
 * Holds what a run left against I1 to I5 and I7, by its records alone: it shares no code with the pipeline. What became
 * of each record, who is scored when and with which version, and the sums of each profile are computed anew; the numbers
 * of a score are not (that is what a replay of the turns is for).
 * @throws AssertionError with the first invariant that does not hold
 */
export function checkRun(run: RunRecords): RunSummary {
  const summary = {
    inputs: 0,
    applied: 0,
    duplicate: 0,
    deadLetter: 0,
    turns: 0,
    scores: 0,
    tierChanges: 0,
    alerts: 0,
    owners: 0,
  };
  for (let partition = 0; partition < run.partitions; partition++) {
    const turns = turnsOf(run, partition);
    assert.equal(untaken(run, partition), 0, "I2: every record has been taken");
    summary.owners += checkOwners(run, partition, turns);
    const judged = judge(run, partition, turns);
    for (const kind of ["applied", "duplicate", "deadLetter"] as const) summary[kind] += judged.counts[kind];
    checkDeadLetters(run, partition, judged.letters);
    checkScores(run, partition, judged);
    checkProfiles(run, partition, judged.events);
    summary.inputs += turns.reduce((sum, { records }) => sum + records.length, 0);
    summary.turns += turns.length;
    summary.scores += run.topics.scores[partition]?.length ?? 0;
    summary.tierChanges += run.topics.tierChanges[partition]?.length ?? 0;
    summary.alerts += checkAlerts(run, partition);
  }
  return summary;
}

/** I7: only the newest owner commits; turns follow each other without a gap, time never falls. @returns barriers */
function checkOwners(run: RunRecords, partition: number, turns: readonly OracleTurn[]): number {
  let token: unknown = null;
  let owners = 0;
  let turn = 0;
  for (const { key, value } of run.topics.processorState[partition] ?? []) {
    const fields = run.decode(value) as { readonly token?: string; readonly turn?: number } | null;
    if (textOf(key) === "b") {
      token = fields?.token;
      owners += 1;
    }
    if (textOf(key) !== "j") continue;
    assert.equal(fields?.token, token, "I7: only the newest owner commits");
    assert.equal(fields?.turn, turns[turn]?.turn, "the journal topic has the turns of the changelog");
    turn += 1;
  }
  assert.equal(turn, turns.length, "the journal topic has the turns of the changelog");
  for (const [index, { turn: number, tickMs }] of turns.entries()) {
    assert.equal(number, index + 1, "turns are numbered without a gap");
    assert(tickMs >= (turns[index - 1]?.tickMs ?? 0), "R3: the tick never falls");
  }
  return owners;
}

interface Judged {
  readonly counts: { applied: number; duplicate: number; deadLetter: number };
  /** `topic/offset code` of each record that is refused. */
  readonly letters: readonly string[];
  /** Applied events by customer. */
  readonly events: ReadonlyMap<string, readonly ShopEvent[]>;
  /** `turn/customer` of those who must have a score because of records, with the turn's tick. */
  readonly scored: ReadonlyMap<string, number>;
}

/** I2: the fates of all records, turn by turn; the journal must count the same. */
function judge(run: RunRecords, partition: number, turns: readonly OracleTurn[]): Judged {
  const fateOf = fateTeller(run, partition);
  const counts = { applied: 0, duplicate: 0, deadLetter: 0 };
  const letters: string[] = [];
  const events = new Map<string, ShopEvent[]>();
  const scored = new Map<string, number>();
  for (const { turn, tickMs, counts: journalled, records } of turns) {
    for (const { input, record } of records) {
      assert(record.appendedAt <= tickMs, "R3: no record lies after the tick of its turn");
      const fate = fateOf(input, record);
      counts[fate.kind] += 1;
      if (fate.kind === "deadLetter") letters.push(`${run.fullNames[input]}/${record.offset} ${fate.code}`);
      if (fate.kind !== "applied") continue;
      const { customerId } = fate.event;
      events.set(customerId, [...(events.get(customerId) ?? []), fate.event]);
      scored.set(`${turn}/${customerId}`, tickMs);
    }
    const { applied, duplicate, deadLetter } = journalled;
    assert.deepEqual({ applied, duplicate, deadLetter }, counts, "I2: every record has exactly one outcome");
  }
  return { counts, letters, events, scored };
}

function checkDeadLetters(run: RunRecords, partition: number, expected: readonly string[]): void {
  const found = (run.topics.deadLetters[partition] ?? []).map(({ value }) => {
    const letter = run.decode(value) as {
      readonly topic: string;
      readonly offset: number;
      readonly code: string;
    } | null;
    return `${letter?.topic}/${letter?.offset} ${letter?.code}`;
  });
  assert.deepEqual(found.sort(), expected.toSorted(), "I2: each refused record has one dead letter");
}

/** What of a score is held against the oracle. */
export interface ScoreValue {
  readonly customerId: string;
  readonly version: number;
  readonly turn: number;
  readonly tick: number;
  readonly tier: string;
  readonly lifecycle: string;
}

interface TierChangeValue extends Omit<ScoreValue, "tier"> {
  readonly from: string;
  readonly to: string;
}

/** I3 and I4: one score for each customer that records changed in a turn, versions 1, 2, 3, …, and a tier change where the tier differs. */
function checkScores(run: RunRecords, partition: number, { scored }: Judged): void {
  const changes = valuesOf(run, run.topics.tierChanges[partition]) as readonly TierChangeValue[];
  const byVersion = new Map(changes.map((change) => [`${change.customerId}/${change.version}`, change]));
  assert.equal(byVersion.size, changes.length, "I4: no tier change is told twice");
  const alerted = new Set(alertsOf(run, partition).map(({ customerId, version }) => `${customerId}/${version}`));
  const newest = new Map<string, ScoreValue>();
  const missing = new Map(scored);
  const scores = scoresOf(run, partition);
  const lastOfTurn = new Map(scores.map(({ turn, customerId, version }) => [`${turn}/${customerId}`, version]));
  let changed = 0;
  for (const score of scores) {
    const { customerId, version, turn, tick, tier, lifecycle } = score;
    const before = newest.get(customerId);
    newest.set(customerId, score);
    if (version !== (before?.version ?? 0) + 1) {
      assert.fail(`I3: versions rise by exactly 1\n${storyOf(scores, scored, score, partition)}`);
    }
    const change = byVersion.get(`${customerId}/${version}`);
    const found =
      change === undefined ? null : { from: change.from, to: change.to, turn: change.turn, tick: change.tick };
    const from = before?.tier ?? "NONE";
    assert.deepEqual(found, from === tier ? null : { from, to: tier, turn, tick }, "I4: tiers change as the scores do");
    if (change !== undefined) changed += 1;
    const place = `${turn}/${customerId}`;
    const isOfRecords = scored.has(place) && lastOfTurn.get(place) === version;
    if (!isOfRecords) {
      // A timer's score is told only where it changes something.
      const isChange =
        change !== undefined || lifecycle !== before?.lifecycle || alerted.has(`${customerId}/${version}`);
      assert(isChange, "I3: a score comes of records of its turn, once, or of a change");
      continue;
    }
    assert.equal(missing.get(place), tick, "I3: a score comes of records of its turn, once");
    missing.delete(place);
  }
  assert.equal(missing.size, 0, "I3: whoever has records in a turn is scored in it");
  assert.equal(changed, changes.length, "I4: each tier change belongs to a score");
}

/** What helps to see whether one score is lost or all of a turn: a failure that comes once in many runs has to tell it all at once. */
function storyOf(
  scores: readonly ScoreValue[],
  scored: Judged["scored"],
  { customerId }: ScoreValue,
  partition: number,
): string {
  const versions = scores
    .filter((score) => score.customerId === customerId)
    .map((score) => `${score.version} (${score.turn})`);
  const told = new Set(scores.map((score) => `${score.turn}/${score.customerId}`));
  const turnOf = (place: string): string => place.slice(0, place.indexOf("/"));
  const expected = Map.groupBy(scored.keys(), turnOf);
  const untold = [...scored.keys()].filter((place) => !told.has(place));
  const without = [...Map.groupBy(untold, turnOf)];
  return [
    `partition ${partition}, versions and turns of the first customer: ${versions.join(", ")}`,
    ...without.map(
      ([turn, places]) => `turn ${turn}: ${places.length} of ${expected.get(turn)?.length} customers have no score`,
    ),
  ].join("\n");
}

interface AlertValue extends Omit<ScoreValue, "tier" | "lifecycle"> {
  readonly alertId: string;
  readonly state: string;
  readonly kind: string;
}

/** I5: an alert is raised once and cleared at most once, afterwards, each with a score of its turn. @returns how many were raised */
function checkAlerts(run: RunRecords, partition: number): number {
  const scores = new Map(scoresOf(run, partition).map((score) => [`${score.customerId}/${score.version}`, score]));
  const states = new Map<string, string>();
  let raised = 0;
  for (const { alertId, state, kind, customerId, version, turn, tick } of alertsOf(run, partition)) {
    const score = scores.get(`${customerId}/${version}`);
    assert.deepEqual([score?.turn, score?.tick], [turn, tick], "I5: an alert belongs to a score");
    const name = `${customerId} ${kind} ${alertId}`;
    assert.equal(
      states.get(name),
      state === "RAISED" ? undefined : "RAISED",
      "I5: an alert is raised and cleared once",
    );
    states.set(name, state);
    if (state === "RAISED") raised += 1;
  }
  assert.equal(
    new Set([...states.keys()].map((name) => name.split(" ").at(-1))).size,
    states.size,
    "I5: ids are unique",
  );
  return raised;
}

function alertsOf(run: RunRecords, partition: number): readonly AlertValue[] {
  return valuesOf(run, run.topics.churnAlerts[partition]) as readonly AlertValue[];
}

/** I1: the last profile of each customer has the sums of all that was applied, whatever its order. */
function checkProfiles(run: RunRecords, partition: number, events: ReadonlyMap<string, readonly ShopEvent[]>): void {
  const profiles = new Map<string, unknown>();
  for (const { key, value } of run.topics.processorState[partition] ?? []) {
    if (textOf(key).startsWith("p")) profiles.set(textOf(key).slice(1), run.decode(value));
  }
  assert.equal(profiles.size, events.size, "I1: there is a profile of everybody of whom something was applied");
  const versions = new Map(scoresOf(run, partition).map(({ customerId, version }) => [customerId, version]));
  for (const [customerId, applied] of events) {
    const profile = profiles.get(customerId) as ProfileValue;
    assert.deepEqual(sumsOf(profile), expectedProfile(applied), "I1: a profile has the sums of the customer's events");
    assert.equal(profile.applied, applied.length, "I1: a profile counts the customer's events");
    assert.equal(profile.version, versions.get(customerId), "I3: the last score is the profile's");
  }
}

interface ProfileValue {
  readonly version: number;
  readonly applied: number;
  readonly purchaseDays: number;
  readonly firstDay: number;
  readonly lastDay: number;
  readonly purchases: number;
  readonly grossMinor: number;
  readonly refundMinor: number;
  readonly complaintsOpen: number;
  readonly lastEventAt: number;
}

function sumsOf(profile: ProfileValue): ReturnType<typeof expectedProfile> {
  return {
    x: Math.max(0, profile.purchaseDays - 1),
    txWeeks: (profile.lastDay - profile.firstDay) / 7,
    purchases: profile.purchases,
    spendMinor: profile.grossMinor - profile.refundMinor,
    complaintsOpen: profile.complaintsOpen,
    lastEventAt: new Date(profile.lastEventAt).toISOString(),
  };
}

function scoresOf(run: RunRecords, partition: number): readonly ScoreValue[] {
  return valuesOf(run, run.topics.scores[partition]) as readonly ScoreValue[];
}

function valuesOf(run: RunRecords, records: readonly ReadRecord[] = []): readonly unknown[] {
  return records.map(({ value }) => {
    const decoded = run.decode(value);
    assert(decoded !== null, "an output record can be read");
    return decoded;
  });
}

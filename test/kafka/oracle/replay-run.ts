import assert from "node:assert/strict";
import { systemClock } from "@tidemark/clock";
import {
  type Application,
  entryKey,
  type JournalEntry,
  type LogRecord,
  parseChangelogKey,
  replayTurn,
} from "@tidemark/streams";
import { INPUT_NAMES, type ReadRecord, type RunRecords, textOf, TOPIC_NAMES, type TopicName } from "./run-records.ts";
import { between } from "./turn-order.ts";

/**
 * R1: runs every journalled turn again from the inputs, by the runtime's own replay and the application's own scoring,
 * and holds the bytes of all outputs against it: profiles, scores, tier changes, alerts and dead letters. It is no independent
 * recomputation of a score's numbers; that nothing is lost or doubled {@link checkRun} says.
 */
export async function checkReplay<State, Event>(
  run: RunRecords,
  application: Application<State, Event>,
): Promise<void> {
  for (let partition = 0; partition < run.partitions; partition++) await checkPartition(run, application, partition);
}

async function checkPartition<State, Event>(
  run: RunRecords,
  application: Application<State, Event>,
  partition: number,
): Promise<void> {
  const states = new Map<string, Uint8Array>();
  const where = { partition, partitions: run.partitions };
  const outputs = new Map<string, Cursor>();
  for (const name of TOPIC_NAMES) outputs.set(run.fullNames[name], cursor(recordsOf(run, name, partition)));
  const changelog = cursor(
    recordsOf(run, "processorState", partition).filter(({ key }) =>
      ["state", "marker"].includes(parseChangelogKey(key ?? new Uint8Array())?.kind ?? ""),
    ),
  );
  let before: JournalEntry | null = null;
  for (const { value } of recordsOf(run, "journal", partition)) {
    const entry = application.journal.decodeEntry(value ?? new Uint8Array());
    const records = INPUT_NAMES.map((name, rank) => {
      const from = before?.offsets[rank]?.next ?? 0;
      const to = entry.offsets[rank]?.next ?? 0;
      return between(recordsOf(run, name, partition), from, to).map(logRecordOf);
    });
    const replayed = await replayTurn(application, where, { entry, before, states, records }, systemClock());
    for (const { key, value: state } of replayed.states) {
      changelog.expect(entryKey(key), state, "R1: a replayed turn writes the same profiles");
      // The application encodes into memory of its own.
      if (state === null) states.delete(key);
      else states.set(key, Buffer.from(state));
    }
    for (const { topic, key, value: emitted } of replayed.emitted) {
      outputs.get(topic)?.expect(key, emitted, "R1: a replayed turn emits the same records");
    }
    before = entry;
  }
  changelog.expectEnd("R1: replayed turns write all profiles");
  for (const name of ["scores", "tierChanges", "churnAlerts", "deadLetters"] as const) {
    outputs.get(run.fullNames[name])?.expectEnd("R1: replayed turns emit all records");
  }
}

function recordsOf(run: RunRecords, name: TopicName, partition: number): readonly ReadRecord[] {
  return run.topics[name][partition] ?? [];
}

function logRecordOf({ offset, appendedAt, key, value }: ReadRecord): LogRecord {
  return { offset, appendedAt, key, value, bytes: (key?.length ?? 0) + (value?.length ?? 0) };
}

interface Cursor {
  expect(key: Uint8Array | string | null, value: Uint8Array | null, invariant: string): void;
  expectEnd(invariant: string): void;
}

function cursor(records: readonly ReadRecord[]): Cursor {
  let next = 0;
  return {
    expect(key, value, invariant) {
      const found = records[next];
      next += 1;
      assert(found !== undefined, invariant);
      assert.equal(textOf(found.key), Buffer.from(key ?? []).toString(), invariant);
      assert(sameBytes(found.value, value), invariant);
    },
    expectEnd(invariant) {
      assert.equal(next, records.length, invariant);
    },
  };
}

function sameBytes(one: Uint8Array | null, other: Uint8Array | null): boolean {
  return one === null || other === null ? one === other : Buffer.compare(one, other) === 0;
}

import { BATCH_BYTES_MAX, type RecordToAppend } from "@tidemark/streams";
import { expect, test } from "vitest";
import { COUNTER_TOPICS } from "../simulation/counter-application.ts";
import { caughtUp, event, json, keysOf, letters, openRig, type Rig, statesOf } from "./rig.ts";

const [INPUT] = COUNTER_TOPICS.inputs;
const [KEY = "", NEIGHBOUR = ""] = keysOf(2);

test.each<[string, RecordToAppend, string]>([
  ["without a key", { key: null, value: Buffer.from("{}") }, "KEY_MISSING"],
  ["without a value", { key: Buffer.from(KEY), value: null }, "VALUE_MISSING"],
  ["of another partition", event("astray", 1), "WRONG_PARTITION"],
  ["that cannot be decoded", { key: Buffer.from(KEY), value: Buffer.from("{") }, "MALFORMED"],
  ["that the domain refuses", event(KEY, 1, "refuse"), "REFUSED"],
])("a record %s is a dead letter with its reason, and its neighbours go through", async (_, bad, code) => {
  await using rig = await openRig();
  const owner = rig.start();
  await rig.append(INPUT, [event(NEIGHBOUR, 10), bad, event(NEIGHBOUR, 11), event(KEY, 12)]);
  await rig.until(() => caughtUp(owner), "all is taken");
  expect(await letters(rig)).toEqual([{ topic: INPUT, offset: 1, code }]);
  expect(owner.task.status.counts).toMatchObject({ applied: 3, deadLetter: 1 });
  const states = await statesOf(rig);
  expect([states.get(NEIGHBOUR)?.sum, states.get(KEY)?.sum]).toEqual([2, 1]);
  await owner.stop();
});

test("a dead letter keeps the record as it came, where it came from and why", async () => {
  const seen: object[] = [];
  await using rig = await openRig({
    application: {
      deadLetter: (letter) => {
        seen.push(letter);
        return { topic: COUNTER_TOPICS.deadLetters, key: letter.key, value: letter.value };
      },
    },
  });
  const owner = rig.start();
  const { appendedAt } = await rig.append(INPUT, [{ key: Buffer.from(KEY), value: Buffer.from("{") }]);
  await rig.until(() => caughtUp(owner), "it is taken");
  expect(seen).toEqual([
    {
      topic: INPUT,
      partition: 0,
      offset: 0,
      appendedAt,
      key: Buffer.from(KEY),
      value: Buffer.from("{"),
      code: "MALFORMED",
      reason: "not JSON",
    },
  ]);
  const [letter] = await rig.read(COUNTER_TOPICS.deadLetters);
  expect(letter?.value?.toString()).toBe("{");
  await owner.stop();
});

test("records as large as a batch may be go through one after the other", async () => {
  await using rig = await openRig();
  const owner = rig.start();
  const size = BATCH_BYTES_MAX - KEY.length;
  for (let id = 0; id < 20; id++) {
    const padded = { id, amount: 1, kind: "add", padding: "x".repeat(size - 48) };
    await rig.append(INPUT, [{ key: Buffer.from(KEY), value: Buffer.from(JSON.stringify(padded)) }]);
  }
  await rig.append(INPUT, [event(NEIGHBOUR, 100)]);
  await rig.until(() => caughtUp(owner), "all are taken");
  expect(owner.task.status.counts).toMatchObject({ applied: 21, deadLetter: 0 });
  await rig.check(owner);
});

test("a journal that wants newer code is declined before anything is applied", async () => {
  await using rig = await openRig();
  const first = rig.start();
  await rig.append(INPUT, [event(KEY, 1)]);
  await rig.until(() => caughtUp(first), "the event is applied");
  await first.stop();
  const journal = rig.application.journal;
  const newer = rig.start({
    application: {
      journal: { ...journal, encodeEntry: (entry) => journal.encodeEntry({ ...entry, minReaderVersion: 99 }) },
    },
  });
  await rig.append(INPUT, [event(KEY, 2)]);
  await rig.until(() => caughtUp(newer), "newer code has applied the next");
  await newer.stop();
  await rig.append(INPUT, [event(KEY, 3)]);

  const older = rig.start();
  await rig.until(() => older.ended(), "the older code ends");
  expect(older.failure()).toMatchObject({ code: "VERSION_TOO_NEW" });
  expect(older.turns).toEqual([]);
  expect((await statesOf(rig)).get(KEY)?.sum).toBe(2);
});

test("a state that has outgrown its bound is quarantined, and the partition goes on", async () => {
  const huge = "x".repeat(20_000);
  await using rig = await openRig({
    application: {
      // What encodes to too much, and what cannot be encoded.
      encodeState: (state) => {
        if (state.seen.includes(66)) throw new Error("no number");
        return Buffer.from(JSON.stringify(state.seen.includes(6) ? { ...state, huge } : state));
      },
    },
  });
  const owner = rig.start();
  await rig.append(INPUT, [event(KEY, 1), event(NEIGHBOUR, 2)]);
  await rig.until(() => caughtUp(owner), "the first are applied");
  await rig.append(INPUT, [event(KEY, 6), event(NEIGHBOUR, 3)]);
  await rig.until(() => caughtUp(owner), "the next are applied");
  await rig.append(INPUT, [event(KEY, 66), event(NEIGHBOUR, 4)]);
  await rig.until(() => caughtUp(owner), "and the next");
  expect(await letters(rig)).toEqual([
    { topic: INPUT, offset: 2, code: "QUARANTINED" },
    { topic: INPUT, offset: 4, code: "QUARANTINED" },
  ]);
  const states = await statesOf(rig);
  expect([states.get(KEY)?.sum, states.get(NEIGHBOUR)?.sum]).toEqual([1, 3]);
  expect((await scoresOf(rig, KEY)).map(({ sum }) => sum).at(-1)).toBe(1);
  await owner.stop();
});

async function scoresOf(rig: Rig, key: string): Promise<readonly { readonly sum: number }[]> {
  const scores = await rig.read(COUNTER_TOPICS.scores);
  return scores
    .filter((score) => String(score.key) === key)
    .map((score) => json(score.value) as { readonly sum: number });
}

import type { Decoded, RecordToAppend } from "@tidemark/streams";
import { expect, test } from "vitest";
import { COUNTER_TOPICS, counterApplication, type CounterEvent } from "../simulation/counter-application.ts";
import { type CounterApplication, caughtUp, event, keysOf, letters, openRig, openStore, statesOf } from "./rig.ts";

const [INPUT, OTHER] = COUNTER_TOPICS.inputs;
const [KEY = "", NEIGHBOUR = ""] = keysOf(2);

test("an unknown schema holds its partition up while the registry is down; nothing overtakes, then it goes on", async () => {
  const registry = new Registry();
  await using rig = await openRig({ application: registry.application() });
  const owner = rig.start();
  await rig.append(INPUT, [event(KEY, 1)]);
  await rig.until(() => caughtUp(owner), "the first is applied");
  await rig.append(INPUT, [event(KEY, 2), withSchema(KEY, 3, 7)]);
  await rig.append(OTHER, [event(NEIGHBOUR, 4)]);
  await rig.append(INPUT, [event(KEY, 5)]);
  await rig.until(() => owner.registryOutages() >= 3, "the registry was asked several times");
  await rig.pass(60_000);
  expect(owner.recoveries).toEqual([]);
  // What came before is taken, what comes after waits, on both inputs; time stands too, so no silence is told.
  expect(owner.task.status.counts.applied).toBe(2);
  expect(await rig.read(COUNTER_TOPICS.silences)).toEqual([]);

  registry.up = true;
  await rig.until(() => caughtUp(owner), "all is taken");
  expect(owner.task.status.counts).toMatchObject({ applied: 5, deadLetter: 0 });
  await rig.check(owner);
});

test("a partition that waits for a schema does not hold up the others", async () => {
  const registry = new Registry();
  await using rig = await openRig({ application: registry.application() });
  const [foreign = ""] = keysOf(1, 1);
  const waiting = rig.start();
  const other = rig.start({ partition: 1, store: await openStore() });
  await rig.append(INPUT, [withSchema(KEY, 1, 7)]);
  await rig.until(() => waiting.registryOutages() > 0, "one waits");
  for (let id = 2; id < 6; id++) await rig.append(INPUT, [event(foreign, id)], 1);
  await rig.until(() => other.task.status.counts.applied === 4, "the other applies");
  expect(waiting.task.status.counts.applied).toBe(0);
});

test("what lies in the log and is not applied is counted right while a schema is waited for", async () => {
  const registry = new Registry();
  await using rig = await openRig({ application: registry.application() });
  const owner = rig.start();
  await rig.append(INPUT, [event(KEY, 1), event(KEY, 2)]);
  await rig.until(() => caughtUp(owner), "the first are applied");
  await rig.append(INPUT, [event(KEY, 3), withSchema(KEY, 4, 7), event(KEY, 5)]);
  await rig.until(() => owner.registryOutages() > 0, "the schema is waited for");
  await rig.until(() => owner.task.status.counts.applied === 3, "the one before it is applied");
  await rig.pass(1_000);
  const [lag] = owner.task.lag;
  expect(lag).toEqual({ topic: INPUT, records: 2 });
});

test("a task that waits for a schema stops when it is asked to", async () => {
  const registry = new Registry();
  await using rig = await openRig({ application: registry.application() });
  const owner = rig.start();
  await rig.append(INPUT, [withSchema(KEY, 1, 7)]);
  await rig.until(() => owner.registryOutages() > 0, "the schema is waited for");
  await owner.stop();
  expect(owner.states).toContain("closing");
  expect((await statesOf(rig)).size).toBe(0);
});

test("a schema that the registry does not have makes a dead letter", async () => {
  const registry = new Registry();
  registry.up = true;
  await using rig = await openRig({ application: registry.application() });
  const owner = rig.start();
  await rig.append(INPUT, [event(KEY, 1), withSchema(KEY, 2, NOT_FOUND), event(KEY, 3)]);
  await rig.until(() => caughtUp(owner), "all is taken");
  expect(await letters(rig)).toEqual([{ topic: INPUT, offset: 1, code: "SCHEMA_UNKNOWN" }]);
  expect(owner.task.status.counts).toMatchObject({ applied: 2, deadLetter: 1 });
  await owner.stop();
});

test("a schema that stays missing though it was loaded makes a dead letter and no endless loop", async () => {
  await using rig = await openRig({
    application: { ...new Registry().application(), loadSchema: () => Promise.resolve() },
  });
  const owner = rig.start();
  await rig.append(INPUT, [withSchema(KEY, 1, 7), event(KEY, 2)]);
  await rig.until(() => caughtUp(owner), "all is taken");
  expect(await letters(rig)).toMatchObject([{ offset: 0, code: "SCHEMA_UNKNOWN" }]);
  await owner.stop();
});

test("a state that newer code wrote is read once its schema has come, after every answer that there was none", async () => {
  const newer = { known: false, asked: 0 };
  await using rig = await openRig();
  const before = rig.start();
  await rig.append(INPUT, [event(KEY, 1)]);
  await rig.until(() => caughtUp(before), "the newer code has written");
  await before.stop();

  const { decodeState } = rig.application;
  const owner = rig.start({
    application: {
      decodeState(bytes) {
        if (!newer.known) throw Object.assign(new Error("it is missing"), { code: "SCHEMA_MISSING", id: 8 });
        return decodeState(bytes);
      },
      loadSchema: async (schemaId) => {
        expect(schemaId).toBe(8);
        newer.asked += 1;
        if (newer.asked < 3) throw new Error("the registry does not answer");
        newer.known = true;
      },
    },
  });
  await rig.append(INPUT, [event(KEY, 2)]);
  await rig.until(() => caughtUp(owner) && owner.task.status.counts.applied === 2, "the older code goes on");
  expect(owner.registryOutages()).toBe(2);
  await rig.check(owner);
});

const NOT_FOUND = 404;

/** Knows every schema but one while it is up; what it has told stays known. */
class Registry {
  up = false;
  readonly #known = new Map<number, "schema" | "none">();

  application(): Pick<CounterApplication, "schemaMissing" | "decode" | "loadSchema"> {
    const { decode } = counterApplication("wall");
    return {
      schemaMissing: (_input, value) => {
        const schema = schemaOf(value);
        return schema === undefined || this.#known.has(schema) ? null : schema;
      },
      decode: (input, key, value): Decoded<CounterEvent> => {
        const schema = schemaOf(value);
        if (schema === undefined || this.#known.get(schema) === "schema") return decode(input, key, value);
        return { kind: "refused", code: "SCHEMA_UNKNOWN", reason: "no such schema" };
      },
      loadSchema: async (schemaId) => {
        if (!this.up) throw new Error("the registry does not answer");
        this.#known.set(schemaId, schemaId === NOT_FOUND ? "none" : "schema");
      },
    };
  }
}

function schemaOf(value: Uint8Array): number | undefined {
  return (JSON.parse(Buffer.from(value).toString()) as { schema?: number }).schema;
}

function withSchema(key: string, id: number, schema: number): RecordToAppend {
  return { key: Buffer.from(key), value: Buffer.from(JSON.stringify({ id, amount: 1, kind: "add", schema })) };
}

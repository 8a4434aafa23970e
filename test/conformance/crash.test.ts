import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { openEmbeddedLog } from "@tidemark/log-embedded";
import { openLevelStore } from "@tidemark/store-level";
import type { EventLog } from "@tidemark/streams";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { COPIES, KEYS_WRITTEN, keyOf } from "./crash-plan.ts";
import { readAll, shown } from "./log-under-test.ts";
import { allOf } from "./store-under-test.ts";
import { systemClock } from "./system-clock.ts";

/** After how many answers the process is killed, one life after another on the same data. */
const KILLED_AFTER =
  process.env["TIDEMARK_TEST_LONG"] === "1" ? [1, 7, 50, 200, 900, 33, 450, 77, 3, 2_000] : [7, 300, 60];

describe("after kill -9 in the middle of writing", () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "tidemark-crash-"));
  });
  afterEach(() => rm(directory, { recursive: true }));

  it("the log has every write that was answered, and of the others all or nothing", async () => {
    const answered: number[] = [];
    for (const after of KILLED_AFTER) {
      answered.push(...(await killedAfter("log", directory, after, Math.max(-1, ...answered) + 100)));
      const log = await openEmbeddedLog({ directory, clock: systemClock });
      await expectWhole(log, answered);
      await log.close();
    }
  });

  it("the store has every write that was answered, and a prefix of the writes", async () => {
    let newest = -1;
    for (const after of KILLED_AFTER) {
      const answered = await killedAfter("store", directory, after, newest + 1);
      const store = await openLevelStore({ directory });
      const values = new Set((await allOf(store)).map(([, value]) => value));
      expect(await allOf(store)).toHaveLength(KEYS_WRITTEN);
      expect(values.size).toBe(1);
      newest = Number([...values][0]);
      expect(newest).toBeGreaterThanOrEqual(Math.max(...answered));
      await store.close();
    }
  });
});

async function expectWhole(log: EventLog, answered: readonly number[]): Promise<void> {
  const found = new Map<string, number>();
  for (const [topic, partition, copies] of COPIES) {
    const counts = new Map<string, number>();
    for (const each of await readAll(log, topic, partition)) {
      const [number] = shown(each);
      if (number !== null) counts.set(number, (counts.get(number) ?? 0) + 1);
    }
    for (const number of answered) expect(counts.get(`${number}`)).toBe(copies);
    for (const [number, count] of counts) {
      expect(count).toBe(copies);
      found.set(number, (found.get(number) ?? 0) + 1);
    }
  }
  expect([...found.values()].filter((count) => count !== COPIES.length)).toEqual([]);
  await expectNewest(log, answered, found);
}

/** Compaction was at work too: of each key the newest value is there. */
async function expectNewest(
  log: EventLog,
  answered: readonly number[],
  found: ReadonlyMap<string, number>,
): Promise<void> {
  const newest = new Map<string, number>();
  for (const each of await readAll(log, "compacted", 0)) {
    const [key, value] = shown(each);
    newest.set(key ?? "", Number(value));
  }
  for (const number of answered) expect(newest.get(keyOf(number))).toBeGreaterThanOrEqual(number);
  for (const number of newest.values()) expect(found.has(`${number}`)).toBe(true);
}

/** @returns the numbers of the writes that were answered before the process was killed */
async function killedAfter(
  kind: "log" | "store",
  directory: string,
  answers: number,
  first: number,
): Promise<number[]> {
  const script = fileURLToPath(new URL("crash-writer.ts", import.meta.url));
  const child = spawn(process.execPath, [script, kind, directory, `${first}`], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  const numbers: number[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    numbers.push(Number(line));
    if (numbers.length === answers) child.kill("SIGKILL");
  }
  const [, signal] = (await exited) as [number | null, string | null];
  expect(signal).toBe("SIGKILL");
  return numbers;
}

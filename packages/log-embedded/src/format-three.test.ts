import type { EventLog } from "@tidemark/streams";
import { LogCorrupted } from "@tidemark/streams";
import { MemoryLevel } from "memory-level";
import { beforeEach, describe, expect, it } from "vitest";
import { groupMarkThree } from "./format-three.ts";
import { FORMAT_KEY, SEGMENT_KEYS } from "./keys.ts";
import type { LevelInstance } from "./level-instance.ts";
import { ManualClock } from "./manual-clock.ts";
import { recordKeys } from "./record-keys.ts";
import { openEmbeddedLog } from "./open-embedded-log.ts";

const BUFFERS = { keyEncoding: "buffer", valueEncoding: "buffer" } as const;
const PARTITIONS = [0, 1, 2];
const clock = new ManualClock();

describe("a log of format 3", () => {
  let level: LevelInstance;

  beforeEach(async () => {
    level = new MemoryLevel();
    const log = await openEmbeddedLog({ level, clock });
    const policy = { cleanup: "delete", retentionMs: 1_000_000 } as const;
    await log.createTopics([{ name: "events", partitions: PARTITIONS.length, policy }]);
    await append(log, "before", [0, 1]);
    await append(log, "group", [1, 2]);
    await log.close();
    await level.open();
    await level.put(FORMAT_KEY, Buffer.from(JSON.stringify({ format: "tidemark-log", version: 3 })), BUFFERS);
  });

  it("is read as it is where every group was written to its end", async () => {
    expect(await opened()).toEqual([["before"], ["before", "group"], ["group"]]);
    expect(await opened()).toEqual([["before"], ["before", "group"], ["group"]]);
  });

  it("loses the group that was cut off, and the note of it", async () => {
    // Topic, partition, end before the group.
    const ends = [
      [0, 1, 1],
      [0, 2, 0],
    ];
    await level.put(groupMarkThree(0), Buffer.from(JSON.stringify(ends)), BUFFERS);
    expect(await opened()).toEqual([["before"], ["before"], []]);
    await level.open();
    expect(await level.keys<Buffer>({ ...SEGMENT_KEYS, keyEncoding: "buffer" }).all()).toHaveLength(2);
    expect(JSON.parse((await level.get<Buffer, Buffer>(FORMAT_KEY, BUFFERS))?.toString() ?? "")).toMatchObject({
      version: 4,
    });
  });

  it("is not guessed at where the note cannot be read", async () => {
    await level.put(groupMarkThree(0), Buffer.from("{"), BUFFERS);
    await expect(openEmbeddedLog({ level, clock })).rejects.toThrow(LogCorrupted);
  });

  /** Keys of the records by partition. */
  async function opened(): Promise<string[][]> {
    const log = await openEmbeddedLog({ level, clock });
    const keys = await recordKeys(log, "events", PARTITIONS);
    await log.close();
    return keys;
  }
});

async function append(log: EventLog, name: string, partitions: readonly number[]): Promise<void> {
  const records = [{ key: Buffer.from(name), value: Buffer.alloc(10) }];
  await log.append(partitions.map((partition) => ({ topic: "events", partition, records })));
}

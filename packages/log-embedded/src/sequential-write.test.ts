import { MemoryLevel } from "memory-level";
import { expect, it } from "vitest";
import { faultyLevel } from "./faulty-level.ts";
import { ManualClock } from "./manual-clock.ts";
import { openEmbeddedLog } from "./open-embedded-log.ts";

const BATCHES = 0x10;

it("no append writes below the segment that is written to: LevelDB would merge a file that reaches down there with all others", async () => {
  const { level, writes } = faultyLevel(new MemoryLevel());
  const log = await openEmbeddedLog({ level, clock: new ManualClock(), limits: { segmentBytesMax: 300 } });
  const policy = { cleanup: "delete", retentionMs: 1_000_000 } as const;
  await log.createTopics(["events", "scores"].map((name) => ({ name, partitions: 2, policy })));
  writes.length = 0;
  const records = [{ key: null, value: Buffer.alloc(50) }];
  for (let group = 0; group < 40; group++) {
    await log.append([
      { topic: "scores", partition: group % 2, records },
      { topic: "events", partition: 0, records },
    ]);
  }
  let segment = 0;
  for (const { operations } of writes) {
    const segments = operations.map(({ key }) => {
      expect(key[0]).toBe(BATCHES);
      return key.readUInt32BE(1);
    });
    expect(Math.min(...segments)).toBeGreaterThanOrEqual(segment);
    segment = Math.max(...segments);
  }
  expect(segment).toBeGreaterThan(10);
  await log.close();
});

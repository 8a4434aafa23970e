import { writeSync } from "node:fs";
import { openEmbeddedLog } from "@tidemark/log-embedded";
import { openLevelStore } from "@tidemark/store-level";
import type { PartitionBatch } from "@tidemark/streams";
import { KEYS_WRITTEN, loopsOf, TOPICS, writesOf } from "./crash-plan.ts";
import { put } from "./store-under-test.ts";
import { systemClock } from "./system-clock.ts";

/**
 * The process that `crash.test.ts` kills: writes for ever, and prints the number of each write once it was
 * answered. `crash-writer.ts log|store DIRECTORY FIRST`
 */
const [, , kind, directory = "", first = "0"] = process.argv;

if (kind === "log") await writeLog();
else await writeStore();

async function writeLog(): Promise<void> {
  // So that most groups take several writes.
  const writeBytesMax = 200;
  const limits = {
    writeBytesMax,
    segmentBytesMax: 4_000,
    tailBytesMax: 4_000,
    maintenanceIntervalMs: 5,
    compactionRecordsMin: 20,
  };
  const log = await openEmbeddedLog({ directory, clock: systemClock, limits });
  await log.createTopics(TOPICS);
  await Promise.all(
    loopsOf(Number(first)).map(async ({ loop, numbers }) => {
      const writer = loop % 2 === 0 ? await log.openWriter(`writer-${loop}`) : null;
      const write = (batches: readonly PartitionBatch[]) => writer?.commit(batches) ?? log.append(batches);
      for (const number of numbers) {
        await write(writesOf(number));
        answered(number);
      }
    }),
  );
}

async function writeStore(): Promise<void> {
  const store = await openLevelStore({ directory });
  for (let number = Number(first); ; number += 1) {
    const changes = Array.from({ length: KEYS_WRITTEN }, (_, index) => put(`key-${index}`, `${number}`));
    await store.write(changes, { sync: number % 100 === 0 });
    answered(number);
  }
}

function answered(number: number): void {
  writeSync(1, `${number}\n`);
}

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startViews } from "@tidemark/gateway";
import { openLevelStore } from "@tidemark/store-level";
import { DirectoryLocked } from "@tidemark/streams";
import { createLogger } from "@tidemark/telemetry";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openRig, PARTITIONS, wallClock } from "./rig.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "tidemark-views-"));
});
afterEach(() => rm(directory, { recursive: true }));

test("where one store cannot be opened, none is left open", async () => {
  await using rig = await openRig();
  const storeOf = (partition: number) => openLevelStore({ directory: join(directory, String(partition)) });
  const taken = await storeOf(1);
  const starting = startViews({
    log: rig.log,
    contracts: rig.contracts,
    partitions: PARTITIONS,
    directory,
    clock: wallClock,
    timeScale: 1,
    bootId: "test",
    lapseDays: 90,
    logger: createLogger({ level: "silent", name: "views" }),
  });
  await expect(starting).rejects.toBeInstanceOf(DirectoryLocked);
  await taken.close();
  // Each is free again.
  for (let partition = 0; partition < PARTITIONS; partition++) await (await storeOf(partition)).close();
});

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openLevelStore } from "@tidemark/store-level";
import { DirectoryLocked } from "@tidemark/streams";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openRig, PARTITIONS, viewsOf } from "./rig.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "tidemark-views-"));
});
afterEach(() => rm(directory, { recursive: true }));

test("where one store cannot be opened, none is left open", async () => {
  await using rig = await openRig();
  const storeOf = (partition: number) => openLevelStore({ directory: join(directory, String(partition)) });
  const taken = await storeOf(1);
  const starting = viewsOf(rig, directory);
  await expect(starting).rejects.toBeInstanceOf(DirectoryLocked);
  await taken.close();
  // Each is free again.
  for (let partition = 0; partition < PARTITIONS; partition++) await (await storeOf(partition)).close();
});

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openLevelStore } from "@tidemark/store-level";
import { MemoryLevel } from "memory-level";
import { stateStoreConformance } from "./state-store-conformance.ts";
import type { StoreUnderTest } from "./store-under-test.ts";

async function inMemory(
  level = new MemoryLevel({ keyEncoding: "utf8", valueEncoding: "buffer" }),
): Promise<StoreUnderTest> {
  const store = await openLevelStore({ level });
  return {
    store,
    reopen: async () => {
      await store.close();
      return inMemory(level);
    },
    dispose: () => store.close(),
  };
}

async function onDisk(directory?: string): Promise<StoreUnderTest> {
  const place = directory ?? (await mkdtemp(join(tmpdir(), "tidemark-store-")));
  const store = await openLevelStore({ directory: place });
  return {
    store,
    reopen: async () => {
      await store.close();
      return onDisk(place);
    },
    dispose: async () => {
      await store.close();
      await rm(place, { recursive: true });
    },
  };
}

stateStoreConformance("the store on memory-level", () => inMemory());
stateStoreConformance("the store on classic-level", () => onDisk());

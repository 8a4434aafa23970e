import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@tidemark/clock";
import { openContracts, openFileRegistry, topicSpecs } from "@tidemark/contracts";
import { openEmbeddedLog } from "@tidemark/log-embedded";
import { openLevelStore } from "@tidemark/store-level";
import { type Clock, type StateStore, stateKey, StoreUnavailable, type ViewProgress } from "@tidemark/streams";
import { MemoryLevel } from "memory-level";
import { expect, test } from "vitest";
import { runViews } from "@tidemark/gateway/views";

test("a view whose store cannot be written opens it again, ever more seldom, and goes on once there is room", async () => {
  const sleeps: number[] = [];
  await using rig = await openRig(sleeps);
  const { disk, progress, errors } = rig;
  await rig.append("ann");
  await until(() => progress()?.ready === true && progress()?.position === 1, "what was there is followed");
  disk.isFull = true;
  await rig.append("bob");
  await until(() => disk.tries >= 6, "it is tried again, and again");
  expect(progress()).toBeNull();
  expect(new Set(errors.map((error) => error.constructor))).toEqual(new Set([StoreUnavailable]));
  expect(sleeps.slice(0, 6)).toEqual([500, 1_000, 2_000, 4_000, 5_000, 5_000]);
  disk.isFull = false;
  await until(() => progress()?.ready === true && progress()?.position === 2, "it goes on");
  disk.isFull = true;
  await rig.append("cy");
  await until(() => sleeps.length > 0 && progress() === null, "it is full again");
  disk.isFull = false;
  await until(() => progress()?.position === 3, "it goes on again");
});

test("views that are stopped while a store cannot be written end well", async () => {
  await using rig = await openRig([]);
  await until(() => rig.progress()?.ready === true, "it follows");
  rig.disk.isFull = true;
  await rig.append("ann");
  await until(() => rig.disk.tries > 1, "it waits");
  await expect(rig.stop()).resolves.toBeUndefined();
});

interface Disk {
  isFull: boolean;
  /** How often the store was to be opened again. */
  tries: number;
}

/** A view of one partition, for which it takes a ms to wait however long. @param sleeps how long it was to */
async function openRig(sleeps: number[]) {
  const folder = await mkdtemp(join(tmpdir(), "tidemark-run-views-"));
  const clock = systemClock();
  const log = await openEmbeddedLog({ level: new MemoryLevel(), clock });
  const contracts = await openContracts({ registry: await openFileRegistry(join(folder, "r.json")), prefix: "t." });
  await log.createTopics(topicSpecs("t.", 1));
  const disk: Disk = { isFull: false, tries: 0 };
  const store = onDisk(await openLevelStore({ level: new MemoryLevel(ENCODINGS) }), disk);
  const hasty: Clock = {
    ...clock,
    sleep: (ms, signal) => {
      if (ms >= 500) sleeps.push(ms);
      return clock.sleep(Math.min(ms, 1), signal);
    },
  };
  let progress: ViewProgress | null = null;
  const errors: Error[] = [];
  const end = new AbortController();
  const running = runViews(
    {
      log,
      contracts,
      stores: [store],
      secretCheck: null,
      clock: hasty,
      timeScale: 1,
      bootId: "boot",
      lapseDays: 90,
      onProgress: (_, now) => {
        progress = now;
      },
      onRestart: (error) => errors.push(error),
    },
    end.signal,
  );
  const stop = async (): Promise<void> => {
    end.abort();
    await running.ended;
  };
  return {
    disk,
    errors,
    progress: (): ViewProgress | null => progress,
    /** Says of a customer that there is none. */
    append: async (customer: string): Promise<void> => {
      const record = { key: Buffer.from(stateKey(customer)), value: null };
      await log.append([{ topic: contracts.topics.processorState, partition: 0, records: [record] }]);
    },
    stop,
    async [Symbol.asyncDispose]() {
      disk.isFull = false;
      await stop();
      await store.close();
      await log.close();
      await rm(folder, { recursive: true });
    },
  };
}

const ENCODINGS = { keyEncoding: "utf8", valueEncoding: "buffer" } as const;

function onDisk(store: StateStore, disk: Disk): StateStore {
  const requireRoom = (): void => {
    if (disk.isFull) throw new StoreUnavailable("no space");
  };
  return {
    get: (key) => store.get(key),
    write: async (changes, options) => {
      requireRoom();
      await store.write(changes, options);
    },
    scan: (range) => store.scan(range),
    purge: () => store.purge(),
    clear: () => store.clear(),
    reopen: async () => {
      disk.tries += 1;
      requireRoom();
      await store.reopen();
    },
    bytes: () => store.bytes(),
    close: () => store.close(),
  };
}

async function until(isSo: () => boolean, what: string): Promise<void> {
  for (const deadline = performance.now() + 20_000; !isSo();) {
    if (performance.now() > deadline) throw new Error(`it did not come to this: ${what}`);
    await new Promise(setImmediate);
  }
}

import { mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DirectoryLocked, StateCorrupted, StoreUnavailable } from "@tidemark/streams";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { wipe } from "./level-files.ts";
import { openLevelStore } from "./level-store.ts";
import { levelOn } from "./open-level.ts";
import { openOrWipeLevelStore } from "./open-or-wipe.ts";

const UNSYNCED = { sync: false };
const PROFILE = Buffer.alloc(300, 7);
const EMPTY = Buffer.alloc(0);

describe("the store on a directory", () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "tidemark-store-"));
  });
  afterEach(() => rm(directory, { recursive: true }));

  it("is refused while another has it, with a word on what to do", async () => {
    const store = await openLevelStore({ directory });
    const second = openLevelStore({ directory });
    await expect(second).rejects.toThrow(DirectoryLocked);
    await expect(second).rejects.toThrow(/in use by another process: stop that one/);
    await store.close();
    await (await openLevelStore({ directory })).close();
  });

  it.each([
    ["its list of files is not one", (manifest: string) => writeFile(manifest, "not a manifest")],
    ["its list of files is gone", (manifest: string) => rm(manifest)],
  ])("that is damaged, as %s, says so, and is opened empty where it may be wiped", async (_, damage) => {
    const store = await openLevelStore({ directory });
    await store.write([{ key: "p1", value: PROFILE }], { sync: true });
    await store.close();
    const manifest = (await readdir(directory)).find((name) => name.startsWith("MANIFEST"));
    await damage(join(directory, manifest ?? ""));
    await expect(openLevelStore({ directory })).rejects.toThrow(StateCorrupted);
    const told: Error[] = [];
    const again = await openOrWipeLevelStore({ directory }, (error) => told.push(error));
    expect(again.get("p1")).toBeUndefined();
    await again.close();
    // A new one is not damaged, nor one that is as it was left.
    await (await openOrWipeLevelStore({ directory }, (error) => told.push(error))).close();
    expect(told).toEqual([expect.any(StateCorrupted)]);
  });

  it("whose process ended while it was wiped is wiped, whichever files were left of it", async () => {
    const store = await openLevelStore({ directory });
    await store.write([{ key: "p1", value: PROFILE }], { sync: true });
    await store.close();
    await writeFile(join(directory, "being-wiped"), "");
    for (const name of await readdir(directory)) if (/^(CURRENT|MANIFEST-)/.test(name)) await rm(join(directory, name));
    await expect(openLevelStore({ directory })).rejects.toThrow(/was being wiped when its process ended/);
    const again = await openOrWipeLevelStore({ directory }, (error) => {
      throw error;
    });
    expect(again.get("p1")).toBeUndefined();
    await again.clear();
    await again.write([{ key: "p2", value: PROFILE }], UNSYNCED);
    await again.close();
    const kept = await openLevelStore({ directory });
    expect(kept.get("p2")).toEqual(PROFILE);
    await kept.close();
  });

  it("the fewer stores share the memory for what is written, the later any of it becomes a file", async () => {
    const filesOf = async (stores: number): Promise<number> => {
      const place = join(directory, String(stores));
      const store = await openLevelStore({ directory: place, stores });
      // In writes of their own: LevelDB looks before each whether the buffer is full.
      for (let part = 0; part < 12; part++) {
        await store.write([{ key: `p${part}`, value: Buffer.alloc(500_000, part) }], { sync: false });
      }
      await store.close();
      return (await readdir(place)).filter((name) => name.endsWith(".ldb")).length;
    };
    expect(await filesOf(4)).toBe(0);
    expect(await filesOf(16)).toBeGreaterThan(0);
    expect(await filesOf(1_000)).toBeGreaterThan(0);
  });

  it("wiped, leaves what is not its own, and is not missed where there is none", async () => {
    const store = await openLevelStore({ directory });
    await store.close();
    await writeFile(join(directory, "readme.txt"), "not of the store");
    await wipe(directory);
    expect(await readdir(directory)).toEqual(["readme.txt"]);
    await expect(wipe(join(directory, "nowhere"))).resolves.toBeUndefined();
  });

  it("is not wiped while it is open", async () => {
    const store = await openLevelStore({ directory });
    await store.write([{ key: "p1", value: PROFILE }], UNSYNCED);
    await expect(wipe(directory)).rejects.toThrow(DirectoryLocked);
    await store.close();
    const again = await openLevelStore({ directory });
    expect(again.get("p1")).toEqual(PROFILE);
    await again.close();
  });

  it.each([0, 1, 3])(
    "S5: purged and opened again, holds in no file what was gone, names included; merged %i times before",
    async (merges) => {
      const store = await openLevelStore({ directory });
      for (let round = 0; round < 3; round += 1) {
        const others = Array.from({ length: 100 }, (_, index) => ({ key: `p${index}`, value: PROFILE }));
        await store.write(
          [...others, { key: `t99-gone-name-${round}`, value: EMPTY }, put("pz-gone-name", `gone-${round}`)],
          UNSYNCED,
        );
        if (round < merges) await store.purge();
      }
      await store.write([put("pkept", "gone-value")], UNSYNCED);
      const deletions = ["pz-gone-name", "t99-gone-name-0", "t99-gone-name-1", "t99-gone-name-2"];
      await store.write([put("pkept", "kept-value"), ...deletions.map((key) => ({ key, value: null }))], UNSYNCED);
      await store.purge();
      await store.close();
      const again = await openLevelStore({ directory });
      expect(again.get("pkept")).toEqual(Buffer.from("kept-value"));
      await again.close();
      const names = await readdir(directory);
      const files = await Promise.all(names.map((name) => readFile(join(directory, name), "latin1")));
      expect(files.some((file) => file.includes("kept-value"))).toBe(true);
      expect(names.filter((_, index) => files[index]?.includes("gone-"))).toEqual([]);
    },
  );

  it("tells what it takes on disk, and gives it back when it is cleared", async () => {
    const store = await openLevelStore({ directory });
    const changes = Array.from({ length: 5_000 }, (_, index) => ({ key: `p${index}`, value: PROFILE }));
    await store.write(changes, UNSYNCED);
    expect(await store.bytes()).toBeGreaterThan(1_000_000);
    await store.clear();
    expect(await store.bytes()).toBeLessThan(100_000);
    await store.close();
  });
});

describe("a store that could not be written", () => {
  it("takes no more writes, is still read, and is well again after clear", async () => {
    const directory = await mkdtemp(join(tmpdir(), "tidemark-store-"));
    const level = levelOn({ directory });
    const store = await openLevelStore({ level });
    await store.write([{ key: "p1", value: PROFILE }], UNSYNCED);
    failNextWrite(level);
    const failed = store.write([{ key: "p2", value: PROFILE }], UNSYNCED);
    const behind = store.write([{ key: "p3", value: PROFILE }], UNSYNCED);
    await expect(failed).rejects.toThrow(StoreUnavailable);
    await expect(behind).rejects.toThrow(StoreUnavailable);
    expect(store.get("p1")).toEqual(PROFILE);
    expect(store.get("p3")).toBeUndefined();
    await store.clear();
    await store.write([{ key: "p4", value: PROFILE }], UNSYNCED);
    expect(await store.scan({ from: "a", to: "z", limit: 10 })).toEqual([{ key: "p4", value: PROFILE }]);
    await store.close();
    await rm(directory, { recursive: true });
  });

  it.each<[string, Fault, readonly string[]]>([
    ["as nothing of it was stored", "not written", ["p1", "p4"]],
    ["as all of it was", "written, and said that it was not", ["p1", "p2", "p4"]],
  ])("S6: opened again has what was there before and takes writes; the failed one %s", async (_, fault, keys) => {
    const directory = await mkdtemp(join(tmpdir(), "tidemark-store-"));
    const level = levelOn({ directory });
    const store = await openLevelStore({ level });
    await store.write([put("p1", "1")], UNSYNCED);
    failNextWrite(level, fault);
    await expect(store.write([put("p2", "2")], UNSYNCED)).rejects.toThrow(StoreUnavailable);
    await expect(store.write([put("p3", "3")], UNSYNCED)).rejects.toThrow(StoreUnavailable);
    await store.reopen();
    await store.write([put("p4", "4")], UNSYNCED);
    expect((await store.scan({ from: "p", to: "q", limit: 10 })).map(({ key }) => key)).toEqual(keys);
    await store.close();
    await rm(directory, { recursive: true });
  });

  it("says at which place, is not well before it can be written, and is opened again however often it could not be", async () => {
    const directory = await mkdtemp(join(tmpdir(), "tidemark-store-"));
    const store = await openLevelStore({ directory });
    await store.write([put("p1", "1")], UNSYNCED);
    // Where its directory is a file, it can neither be opened nor wiped.
    await rename(directory, `${directory}-away`);
    await writeFile(directory, "");
    await expect(store.reopen()).rejects.toThrow(StoreUnavailable);
    await expect(store.write([put("p2", "2")], UNSYNCED)).rejects.toThrow(StoreUnavailable);
    await expect(store.write([put("p2", "2")], UNSYNCED)).rejects.toThrow(directory);
    await expect(store.clear()).rejects.toThrow(StoreUnavailable);
    await expect(store.reopen()).rejects.toThrow(StoreUnavailable);
    await rm(directory);
    await rename(`${directory}-away`, directory);
    await store.reopen();
    await store.write([put("p3", "3")], UNSYNCED);
    expect((await store.scan({ from: "p", to: "q", limit: 10 })).map(({ key }) => key)).toEqual(["p1", "p3"]);
    await store.close();
    await rm(directory, { recursive: true });
  });

  it("is not well while its first write after it was opened again fails too", async () => {
    const directory = await mkdtemp(join(tmpdir(), "tidemark-store-"));
    const level = levelOn({ directory });
    const store = await openLevelStore({ level });
    failNextWrite(level, "not written");
    await expect(store.reopen()).rejects.toThrow(StoreUnavailable);
    await expect(store.write([put("p1", "1")], UNSYNCED)).rejects.toThrow(StoreUnavailable);
    await store.reopen();
    await store.write([put("p1", "1")], UNSYNCED);
    expect(store.get("p1")).toEqual(Buffer.from("1"));
    await store.close();
    await rm(directory, { recursive: true });
  });
});

type Fault = "not written" | "written, and said that it was not";

function put(key: string, value: string): { readonly key: string; readonly value: Buffer } {
  return { key, value: Buffer.from(value) };
}

function failNextWrite(level: ReturnType<typeof levelOn>, fault: Fault = "not written"): void {
  const batch = level.batch.bind(level);
  const failing = () => {
    Object.assign(level, { batch });
    const chained = batch();
    const write = chained.write.bind(chained);
    const fail = async (): Promise<void> => {
      if (fault !== "not written") await write();
      throw new Error("no space left on device");
    };
    return Object.assign(chained, { write: fail });
  };
  Object.assign(level, { batch: failing });
}

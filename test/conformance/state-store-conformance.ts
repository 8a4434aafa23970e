import type { StateStore } from "@tidemark/streams";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  allOf,
  del,
  KEY_END,
  plain,
  put,
  textOf,
  UNSYNCED,
  type OpenStore,
  type StoreUnderTest,
} from "./store-under-test.ts";

/** The promises of {@link StateStore}, S1 to S4 and S6, against the port only. What a crash leaves is tested beside it. */
export function stateStoreConformance(name: string, open: OpenStore, runs = 40): void {
  describe(`${name} keeps the promises of a StateStore`, () => {
    let under: StoreUnderTest;
    let store: StateStore;

    beforeEach(async () => {
      under = await open();
      store = under.store;
    });
    afterEach(() => under.dispose());

    const reopen = async (): Promise<void> => {
      under = await under.reopen();
      store = under.store;
    };

    it("has nothing at first", async () => {
      expect(store.get("a")).toBeUndefined();
      expect(await allOf(store)).toEqual([]);
      expect(await store.bytes()).toBeGreaterThanOrEqual(0);
    });

    it("S3: shows what a write put and deleted, to get and to scan, once it resolved", async () => {
      await store.write([put("a", "1"), put("b", "2"), put("c", "3")], UNSYNCED);
      await store.write([put("b", "22"), del("c"), del("never-there")], UNSYNCED);
      expect(["a", "b", "c"].map((key) => textOf(store.get(key)))).toEqual(["1", "22", undefined]);
      expect(await allOf(store)).toEqual([
        ["a", "1"],
        ["b", "22"],
      ]);
    });

    it("takes the last of several changes of one key in one write", async () => {
      await store.write([put("a", "1"), del("a"), put("a", "2"), put("b", "1"), del("b")], UNSYNCED);
      expect(await allOf(store)).toEqual([["a", "2"]]);
    });

    it("keeps values byte for byte, empty ones too", async () => {
      const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
      await store.write(
        [
          { key: "bytes", value: bytes },
          { key: "empty", value: new Uint8Array(0) },
        ],
        UNSYNCED,
      );
      await reopen();
      expect([...(store.get("bytes") ?? [])]).toEqual([...bytes]);
      expect(store.get("empty")).toHaveLength(0);
    });

    it("S1: carries out writes in the order of the calls, awaited or not", async () => {
      const writes = Array.from({ length: 200 }, (_, index) =>
        store.write([put("newest", `${index}`), put(`each-${index}`, "there")], { sync: index % 50 === 0 }),
      );
      await Promise.all(writes);
      expect(textOf(store.get("newest"))).toBe("199");
      expect(await allOf(store)).toHaveLength(201);
    });

    it("S1, S2: has everything after it was closed and opened again, synced or not", async () => {
      await store.write([put("synced", "1")], { sync: true });
      await store.write([put("unsynced", "2")], UNSYNCED);
      await store.write([], { sync: true });
      await reopen();
      expect(await allOf(store)).toEqual([
        ["synced", "1"],
        ["unsynced", "2"],
      ]);
    });

    it("finishes the writes under way when it is closed", async () => {
      const writes = Array.from({ length: 20 }, (_, index) => store.write([put(`${index}`, "x")], UNSYNCED));
      await reopen();
      await Promise.all(writes);
      expect(await allOf(store)).toHaveLength(20);
    });

    it("S4: scans in the order of the keys' UTF-8 bytes", async () => {
      // In UTF-16 the surrogates of the last two come before U+FFFD.
      const ordered = ["", "a", "aa", "b", "z", "~", "é", "€", "\uFFFD", "😀", "😁"].filter((key) => key !== "");
      await store.write(
        [...ordered].reverse().map((key) => put(key, "x")),
        UNSYNCED,
      );
      expect((await allOf(store)).map(([key]) => key)).toEqual(ordered);
      expect(plain(await store.scan({ from: "\uFFFD", to: "😁", limit: 10 })).map(([key]) => key)).toEqual([
        "\uFFFD",
        "😀",
      ]);
    });

    it("scans from the first key on, up to the last exclusive, and no more than asked", async () => {
      await store.write(
        ["a", "b", "c", "d", "e"].map((key) => put(key, key)),
        UNSYNCED,
      );
      const keys = async (from: string, to: string, limit: number) =>
        (await store.scan({ from, to, limit })).map(({ key }) => key);
      expect(await keys("b", "d", 10)).toEqual(["b", "c"]);
      expect(await keys("bb", "e", 10)).toEqual(["c", "d"]);
      expect(await keys("a", KEY_END, 2)).toEqual(["a", "b"]);
      expect(await keys("d", "b", 10)).toEqual([]);
      expect(await keys("c", "c", 10)).toEqual([]);
      expect(await keys("a", "e", 0)).toEqual([]);
    });

    it("scans thousands of entries in one go", async () => {
      const changes = Array.from({ length: 5_000 }, (_, index) => put(`k${index + 10_000}`, "x".repeat(300)));
      await store.write(changes, UNSYNCED);
      expect(await allOf(store)).toHaveLength(5_000);
    });

    it("is empty after clear, also once opened again, and takes new writes", async () => {
      const changes = Array.from({ length: 2_000 }, (_, index) => put(`k${index}`, "x"));
      await store.write(changes, UNSYNCED);
      await store.clear();
      expect(await allOf(store)).toEqual([]);
      await store.write([put("a", "1")], UNSYNCED);
      await reopen();
      expect(await allOf(store)).toEqual([["a", "1"]]);
    });

    it("clears what was written before the call and nothing written after it", async () => {
      const done = [store.write([put("a", "1")], UNSYNCED), store.clear(), store.write([put("b", "2")], UNSYNCED)];
      await Promise.all(done);
      expect(await allOf(store)).toEqual([["b", "2"]]);
    });

    it("S6: has everything after it was opened again, and takes new writes", async () => {
      await store.write([put("synced", "1")], { sync: true });
      await store.write([put("unsynced", "2")], UNSYNCED);
      await store.reopen();
      await store.write([put("later", "3")], UNSYNCED);
      const all = [
        ["later", "3"],
        ["synced", "1"],
        ["unsynced", "2"],
      ];
      expect(await allOf(store)).toEqual(all);
      await reopen();
      expect(await allOf(store)).toEqual(all);
    });

    it("S6: finishes the writes before it when it is opened again, and begins none behind it meanwhile", async () => {
      const writes = Array.from({ length: 40 }, (_, index) => store.write([put(`${index}`, "x")], UNSYNCED));
      const behind = [store.reopen(), store.write([put("behind", "x")], UNSYNCED), store.reopen()];
      await Promise.all([...writes, ...behind]);
      expect(await allOf(store)).toHaveLength(41);
    });

    it("is not opened again once it is closed", async () => {
      await store.close();
      await expect(store.reopen()).rejects.toMatchObject({ code: "STORE_UNAVAILABLE" });
      await reopen();
      expect(await allOf(store)).toEqual([]);
    });

    it("can be closed twice", async () => {
      await store.close();
      await expect(store.close()).resolves.toBeUndefined();
    });

    it(`equals a sorted map over ${runs} random histories`, async () => {
      const key = fc.oneof(
        fc.constantFrom("a", "b", "p1", "t0001"),
        fc.string({ minLength: 1, maxLength: 6, unit: "grapheme" }),
      );
      const change = fc.record({ key, value: fc.option(fc.uint8Array({ maxLength: 20 }), { nil: null, freq: 3 }) });
      const write = fc.record({ changes: fc.array(change, { maxLength: 20 }), sync: fc.boolean() });
      const range = fc.record({ from: key, to: key, limit: fc.nat(15) });
      await fc.assert(
        fc.asyncProperty(fc.array(fc.tuple(write, range), { maxLength: 10 }), async (steps) => {
          await store.clear();
          const model = new Map<string, Uint8Array>();
          for (const [{ changes, sync }, asked] of steps) {
            await store.write(changes, { sync });
            for (const each of changes) {
              if (each.value === null) model.delete(each.key);
              else model.set(each.key, each.value);
            }
            for (const each of changes) expect(textOf(store.get(each.key))).toBe(textOf(model.get(each.key)));
            expect(plain(await store.scan(asked))).toEqual(scanned(model, asked));
          }
        }),
        { numRuns: runs },
      );
    });
  });
}

function scanned(model: ReadonlyMap<string, Uint8Array>, asked: { from: string; to: string; limit: number }) {
  const bytes = (key: string): Buffer => Buffer.from(key);
  return [...model]
    .filter(
      ([key]) => Buffer.compare(bytes(key), bytes(asked.from)) >= 0 && Buffer.compare(bytes(key), bytes(asked.to)) < 0,
    )
    .sort(([a], [b]) => Buffer.compare(bytes(a), bytes(b)))
    .slice(0, asked.limit)
    .map(([key, value]) => [key, textOf(value)] as const);
}

import * as fc from "fast-check";
import { expect, test } from "vitest";
import { KeyGroups, NONE } from "./key-groups.ts";

const keys = fc.constantFrom("a", "b", "c", "d", "e");

test("each key has its records in order, and its timer; keys come by first record, then by timer", () => {
  fc.assert(
    fc.property(fc.array(keys), fc.uniqueArray(keys), (recordKeys, timerKeys) => {
      const groups = new KeyGroups(recordKeys.length);
      for (const [index, key] of recordKeys.entries()) groups.addRecord(key, index);
      for (const [due, key] of timerKeys.entries()) groups.addTimer({ key, due });
      const seen = [...groups].map((group) => {
        const records: number[] = [];
        for (let index = group.first; index !== NONE; index = groups.after(index)) records.push(index);
        return { key: group.key, records, due: group.due };
      });
      const expected = [...new Set([...recordKeys, ...timerKeys])].map((key) => ({
        key,
        records: recordKeys.flatMap((other, index) => (other === key ? [index] : [])),
        due: timerKeys.includes(key) ? timerKeys.indexOf(key) : null,
      }));
      expect(seen).toEqual(expected);
    }),
  );
});

test("chunks hold all keys in order, and no more of them than may be or than have records enough", () => {
  fc.assert(
    fc.property(fc.array(keys), fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 6 }), (all, most, enough) => {
      const groups = new KeyGroups(all.length);
      for (const [index, key] of all.entries()) groups.addRecord(key, index);
      const chunks = [...groups.inChunks(most, enough)].map((chunk) => chunk.map(({ key }) => key));
      const recordsOf = (chunk: readonly string[]): number => all.filter((key) => chunk.includes(key)).length;
      expect(chunks.flat()).toEqual([...new Set(all)]);
      for (const [index, chunk] of chunks.entries()) {
        expect(chunk.length).toBeLessThanOrEqual(most);
        expect(recordsOf(chunk.slice(0, -1))).toBeLessThan(enough);
        // All but the last end because they may not go on.
        if (index < chunks.length - 1) expect(chunk.length === most || recordsOf(chunk) >= enough).toBe(true);
      }
    }),
  );
});

import { expect, test } from "vitest";
import { decodeMemberData, encodeMemberData, STORES_TOLD_MAX } from "./member-data.ts";

test("what a member tells arrives", () => {
  const report = {
    readerVersion: 2,
    owned: [1, 3],
    stores: [
      { partition: 1, offset: 123_456_789_012, readerVersionMin: 2 },
      { partition: 5, offset: 0, readerVersionMin: 0 },
    ],
  };
  expect(decodeMemberData("m", encodeMemberData(report))).toEqual({ memberId: "m", ...report });
});

test("more stores than fit are left out, but none of a partition that it owns", () => {
  const store = (partition: number) => ({ partition, offset: 1, readerVersionMin: 1 });
  const stores = Array.from({ length: STORES_TOLD_MAX + 10 }, (_, partition) => store(partition));
  const owned = [STORES_TOLD_MAX + 8, STORES_TOLD_MAX + 9];
  const told = decodeMemberData("m", encodeMemberData({ readerVersion: 1, owned, stores })).stores;
  expect(told).toHaveLength(STORES_TOLD_MAX);
  expect(told.slice(0, 2).map(({ partition }) => partition)).toEqual(owned);
});

test.each([
  ["", "nothing"],
  ["{", "no JSON"],
  ["null", "null"],
  ['{"readerVersion":"2","owned":{"0":1},"stores":7}', "other types"],
  ['{"readerVersion":-1,"owned":["1",-1,1.5,null],"stores":[[1],[1,-2,3],"1,2,3"]}', "other contents"],
])("%s, which is %s, counts as not told", (text) => {
  const nothing = { memberId: "m", readerVersion: 0, owned: [], stores: [] };
  expect(decodeMemberData("m", Buffer.from(text))).toEqual(nothing);
});

test("fields of newer code are passed over", () => {
  const text = '{"readerVersion":9,"owned":[4],"stores":[[4,10,9,"more"]],"rack":"r1"}';
  expect(decodeMemberData("m", Buffer.from(text))).toEqual({
    memberId: "m",
    readerVersion: 9,
    owned: [4],
    stores: [{ partition: 4, offset: 10, readerVersionMin: 9 }],
  });
});

import { expect, test } from "vitest";
import { EmittedList } from "./emitted-list.ts";

test("what one has emitted is taken back from between what others have", () => {
  const list = new EmittedList<string>();
  list.push("a");
  const from = list.length;
  list.push("b");
  list.push("c");
  const to = list.length;
  list.push("d");
  list.withdraw(from, to);
  expect(list.kept()).toEqual(["a", "d"]);
  const before = list.length;
  list.push("e");
  list.withdraw(before);
  list.push("f");
  expect(list.kept()).toEqual(["a", "d", "f"]);
});

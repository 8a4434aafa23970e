import { expect, test } from "vitest";
import { reasonText } from "./reason-text.ts";

const words = (code: string, params: Readonly<Record<string, number>>): readonly [string, string] => {
  const reason = { code, params, logit: 1 };
  return [reasonText(reason, "en"), reasonText(reason, "zh-CN")];
};
const due = { renewsInDays: 64.5, renewals: 0, horizonDays: 90, probability: 0.373 };

test("a contract to be renewed is told with who says so and what is known of renewals so far", () => {
  expect(words("CONTRACT_RENEWAL", due)).toEqual([
    "contract to be renewed in 64 days: 37 % chance that it ends in the next 90 days",
    "合同在 64 天后需要续约:未来 90 天内合同终止的概率为 37 %",
  ]);
  expect(words("CONTRACT_RENEWAL", { ...due, renewals: 2, renewsInDays: 0.2 })).toEqual([
    "contract to be renewed in less than a day, renewed 2 times so far: 37 % chance that it ends in the next 90 days",
    "合同在不到 1 天后需要续约(已续约 2 次):未来 90 天内合同终止的概率为 37 %",
  ]);
  expect(words("CONTRACT_RENEWAL", { ...due, byRecord: 1 })).toEqual([
    "contract to be renewed in 64 days, says the customer record: 37 % chance that it ends in the next 90 days",
    "根据客户资料,合同在 64 天后需要续约:未来 90 天内合同终止的概率为 37 %",
  ]);
});

test("nobody is told to renew a contract that renews itself", () => {
  expect(words("CONTRACT_RENEWAL", { ...due, renewsInDays: 9, everyDays: 30 })).toEqual([
    "contract renews itself every 30 days, next in 9 days: 37 % chance that it ends in the next 90 days",
    "合同每 30 天自动续约一次,下次在 9 天后:未来 90 天内合同终止的概率为 37 %",
  ]);
  expect(words("CONTRACT_RENEWAL", { ...due, renewsInDays: 9, renewals: 6, everyDays: 30 })).toEqual([
    "contract renews itself every 30 days, 6 times so far, next in 9 days: 37 % chance that it ends in the next 90 days",
    "合同每 30 天自动续约一次,下次在 9 天后(已续约 6 次):未来 90 天内合同终止的概率为 37 %",
  ]);
});

test("one that ran out is told apart from one that the customer ended", () => {
  expect(words("CONTRACT_LAPSED", { endedDays: 3 })).toEqual([
    "contract ran out 3 days ago and was not renewed: counts as gone until it is",
    "合同已于 3 天前到期且未续约:在续约之前视为已流失",
  ]);
  expect(words("CONTRACT_LAPSED", { endedDays: 0.1, byCustomer: 1 })).toEqual([
    "the customer ended the contract less than a day ago: counts as gone until there is a new one",
    "客户已于不到 1 天前终止合同:在重新签约之前视为已流失",
  ]);
});

test("of who has bought nothing is said of purchases that a contract's end does not know", () => {
  expect(words("CONTRACT_ENDED", { endedDays: 235 })).toEqual([
    "had a contract that ran out 235 days ago and was not renewed",
    "曾有合同,已于 235 天前到期且未续约",
  ]);
  expect(words("CONTRACT_ENDED", { endedDays: 1, byCustomer: 1 })).toEqual([
    "had a contract and ended it 1 day ago",
    "曾有合同,客户已于 1 天前终止",
  ]);
});

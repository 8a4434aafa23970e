import { expect, test } from "vitest";
import { churnLine } from "./churn-words.ts";

const line = (...codes: readonly string[]): string =>
  churnLine({ churn: 0.3731, churnHorizonDays: 90, reasons: codes.map((code) => ({ code })) });

test("the line says what the probability is of: a purchase, the contract, or neither any more", () => {
  expect(line("COMPLAINT_OPEN", "SILENCE")).toBe("Probability of no purchase in the next 90 days: 37.3 %, because");
  expect(line("CONTRACT_RENEWAL", "ENGAGEMENT")).toBe(
    "Probability that the contract ends in the next 90 days: 37.3 %, because",
  );
  expect(line("CONTRACT_LAPSED")).toBe("Counts as gone until a contract or a purchase comes (churn 37.3 %), because");
  expect(line("WEATHER")).toBe("Probability of leaving in the next 90 days: 37.3 %, because");
});

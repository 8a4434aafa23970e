import { expect, test } from "vitest";
import { closingLine, sum, tallyOf } from "./tally.ts";

const file = (status: string, ...tests: string[]) => ({
  status,
  assertionResults: tests.map((result) => ({ status: result })),
});

test("tests are counted by what became of them; todo and pending are skipped", () => {
  const report = {
    testResults: [file("passed", "passed", "passed", "skipped"), file("failed", "failed", "todo", "pending")],
  };

  expect(tallyOf(report, 1)).toEqual({ passed: 2, failed: 1, skipped: 3 });
});

test("a file that failed without a failed test counts as one failure", () => {
  const report = { testResults: [file("failed"), file("failed", "passed"), file("failed", "failed")] };

  expect(tallyOf(report, 1)).toEqual({ passed: 1, failed: 3, skipped: 0 });
});

test("a run that ended badly is a failure even where every test passed, or where it left no report", () => {
  expect(tallyOf({ testResults: [file("passed", "passed")] }, 1)).toEqual({ passed: 1, failed: 1, skipped: 0 });
  expect(tallyOf(null, 0)).toEqual({ passed: 0, failed: 1, skipped: 0 });
});

test("tallies add up to the closing line", () => {
  const checks = { passed: 6, failed: 0, skipped: 0 };
  const tests = { passed: 100, failed: 2, skipped: 3 };

  expect(closingLine(sum([checks, tests]))).toBe("106 passed, 2 failed, 3 skipped");
});

/** How many checks and tests passed, failed and were skipped; what `npm test` ends with. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** The part of vitest's JSON report that is counted. */
export interface TestReport {
  readonly testResults: readonly {
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
}

/**
 * Counts tests. A file that failed without a failed test (it did not load, a hook threw) is one failure more, and so
 * is a run that ended badly though every test passed (an unhandled rejection) or that left no report.
 */
export function tallyOf(report: TestReport | null, exitCode: number): Tally {
  if (report === null) return { passed: 0, failed: 1, skipped: 0 };
  let [passed, failed, skipped] = [0, 0, 0];
  for (const file of report.testResults) {
    const failedBefore = failed;
    for (const { status } of file.assertionResults) {
      if (status === "passed") passed++;
      else if (status === "failed") failed++;
      else skipped++;
    }
    if (file.status === "failed" && failed === failedBefore) failed++;
  }
  if (exitCode !== 0 && failed === 0) failed++;
  return { passed, failed, skipped };
}

export function sum(tallies: readonly Tally[]): Tally {
  const total = (part: keyof Tally): number => tallies.reduce((whole, tally) => whole + tally[part], 0);
  return { passed: total("passed"), failed: total("failed"), skipped: total("skipped") };
}

export function closingLine({ passed, failed, skipped }: Tally): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

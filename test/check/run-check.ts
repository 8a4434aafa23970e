import { spawn } from "node:child_process";

/** One static check: a program that exits 0 when all is well. */
export interface Check {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
}

export interface CheckResult {
  readonly name: string;
  readonly passed: boolean;
  readonly seconds: number;
  /** What the program printed, for when it failed. */
  readonly output: string;
}

/** Runs a check to its end. A program that is missing, crashes or is killed is a check that failed, never a throw. */
export function runCheck({ name, command, args }: Check): Promise<CheckResult> {
  const startedAt = performance.now();
  const printed: Buffer[] = [];
  return new Promise((resolve) => {
    const end = (passed: boolean, why: string): void => {
      const seconds = (performance.now() - startedAt) / 1_000;
      resolve({ name, passed, seconds, output: Buffer.concat(printed).toString("utf8") + why });
    };
    const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"] });
    child.stdout.on("data", (chunk: Buffer) => printed.push(chunk));
    child.stderr.on("data", (chunk: Buffer) => printed.push(chunk));
    child.on("error", (error) => end(false, `${command} could not be started: ${error.message}\n`));
    child.on("close", (code, signal) => {
      if (signal !== null) end(false, `${command} was ended by ${signal}\n`);
      else end(code === 0, code === 0 ? "" : `${command} exited with ${code}\n`);
    });
  });
}

/** Runs checks, at most `parallel` at a time, and tells each result as it comes. */
export async function runChecks(
  checks: readonly Check[],
  parallel: number,
  told: (result: CheckResult) => void,
): Promise<readonly CheckResult[]> {
  const results: CheckResult[] = [];
  const waiting = checks.values();
  const lane = async (): Promise<void> => {
    for (const check of waiting) {
      const result = await runCheck(check);
      results.push(result);
      told(result);
    }
  };
  await Promise.all(Array.from({ length: parallel }, lane));
  return results;
}

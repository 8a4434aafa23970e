import { expect, test } from "vitest";
import { runCheck, runChecks, type CheckResult } from "./run-check.ts";

const node = (name: string, script: string) => ({ name, command: process.execPath, args: ["--eval", script] });

test("a check passes when its program exits 0", async () => {
  expect(await runCheck(node("good", ""))).toMatchObject({ name: "good", passed: true, output: "" });
});

test("a check fails when its program exits otherwise, and what it printed is kept in order", async () => {
  const result = await runCheck(node("bad", "console.log('one'); console.error('two'); process.exitCode = 3"));

  expect(result.passed).toBe(false);
  expect(result.output).toContain("one\n");
  expect(result.output).toContain("two\n");
  expect(result.output).toContain("exited with 3");
});

test("a program that is missing, crashes or is killed is a check that failed", async () => {
  const missing = await runCheck({ name: "missing", command: "no-such-program", args: [] });
  const crashed = await runCheck(node("crashed", "throw new Error('broken')"));
  const killed = await runCheck(node("killed", "process.kill(process.pid, 'SIGKILL')"));

  expect(missing).toMatchObject({ passed: false, output: expect.stringContaining("could not be started") });
  expect(crashed).toMatchObject({ passed: false, output: expect.stringContaining("broken") });
  expect(killed).toMatchObject({ passed: false, output: expect.stringContaining("SIGKILL") });
});

test("every check is run and told, however many at a time", async () => {
  const checks = ["a", "b", "c", "d", "e"].map((name) => node(name, `process.exitCode = ${name === "c" ? 1 : 0}`));
  const told: CheckResult[] = [];

  const results = await runChecks(checks, 2, (result) => told.push(result));

  expect(told).toEqual(results);
  expect(results.map(({ name }) => name).toSorted()).toEqual(["a", "b", "c", "d", "e"]);
  expect(results.filter(({ passed }) => !passed).map(({ name }) => name)).toEqual(["c"]);
});

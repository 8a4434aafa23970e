import { randomUUID } from "node:crypto";
import { Readable, Writable } from "node:stream";
import { systemClock } from "@tidemark/clock";
import type { CommandContext } from "./command-context.ts";
import { runProgram } from "./program.ts";

/** What a command line ended with, for tests. */
export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** What `--json` printed; empty where nothing was. */
  readonly json: Readonly<Record<string, unknown>>;
}

/** Runs a command line with an empty environment and nothing on standard input. */
export async function runCommand(...words: readonly string[]): Promise<CommandResult> {
  const outcome = await runInProcess(words);
  const json = (outcome.stdout.startsWith("{") ? JSON.parse(outcome.stdout) : {}) as Record<string, unknown>;
  return { ...outcome, json };
}

/** For tests: runs a command line in this process, which is the same but for the second that a start takes. */
export async function runInProcess(
  words: readonly string[],
  environment: Readonly<Record<string, string>> = {},
  stdin = "",
): Promise<Omit<CommandResult, "json">> {
  const text = { stdout: "", stderr: "" };
  const writer = (name: "stdout" | "stderr"): Writable =>
    new Writable({
      write(chunk, _encoding, done) {
        text[name] += String(chunk);
        done();
      },
    });
  const code = await runProgram(
    words,
    contextForTest({
      environment,
      stdin: Readable.from([Buffer.from(stdin)]),
      stdout: writer("stdout"),
      stderr: writer("stderr"),
    }),
  );
  return { code, ...text };
}

/** For tests: nothing in the environment or on standard input, and nobody who reads what is written. */
export function contextForTest(own: Partial<CommandContext> = {}): CommandContext {
  const nobody = new Writable({ write: (_chunk, _encoding, done) => done() });
  return {
    environment: {},
    stdin: Readable.from([]),
    stdout: nobody,
    stderr: nobody,
    clock: systemClock(),
    signal: new AbortController().signal,
    bootId: "test",
    token: randomUUID,
    ...own,
  };
}

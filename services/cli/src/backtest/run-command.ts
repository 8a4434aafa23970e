import { randomUUID } from "node:crypto";
import { Readable, Writable } from "node:stream";
import { systemClock } from "@tidemark/clock";
import { runProgram } from "../program.ts";

/** What a command line ended with, for tests. */
export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** What `--json` printed; empty where nothing was. */
  readonly json: Readonly<Record<string, unknown>>;
}

/** Runs a command line in this process, with an environment of its own and nothing on standard input. */
export async function runCommand(...words: readonly string[]): Promise<CommandResult> {
  const text = { stdout: "", stderr: "" };
  const writer = (name: "stdout" | "stderr"): Writable =>
    new Writable({
      write(chunk, _encoding, done) {
        text[name] += String(chunk);
        done();
      },
    });
  const code = await runProgram(words, {
    environment: {},
    stdin: Readable.from([]),
    stdout: writer("stdout"),
    stderr: writer("stderr"),
    clock: systemClock(),
    signal: new AbortController().signal,
    bootId: "test",
    token: randomUUID,
  });
  const json = (text.stdout.startsWith("{") ? JSON.parse(text.stdout) : {}) as Record<string, unknown>;
  return { code, json, ...text };
}

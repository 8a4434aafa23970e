import { execFile } from "node:child_process";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { BenchmarkContext } from "./benchmark.ts";

/** What the same work costs the Python package `lifetimes` on this machine, or why that is not known; "" = it does not do that. */
export type PeerAnswer<Result> =
  | { readonly measured: true; readonly result: Result }
  | { readonly measured: false; readonly because: string };

export type RunPeer = <Result>(words: readonly string[]) => Promise<PeerAnswer<Result>>;

/** A sentence for the notes of tables. */
export function peerNote(answers: readonly PeerAnswer<unknown>[]): string {
  const reasons = new Set(answers.flatMap((answer) => (answer.measured ? [] : [answer.because])));
  reasons.delete("");
  return reasons.size === 0 ? "" : ` lifetimes is not measured: ${[...reasons].join("; ")}.`;
}

/**
 * Makes an environment for the peer, once: afterwards it is there, until the packages it is to have change. Where it cannot be made, every
 * answer says why.
 */
export async function openPeer({ signal, step }: BenchmarkContext): Promise<RunPeer> {
  const unavailable = await prepare(signal, step);
  if (unavailable !== null) step(`lifetimes is not measured: ${unavailable}`);
  return async <Result>(words: readonly string[]): Promise<PeerAnswer<Result>> => {
    if (unavailable !== null) return { measured: false, because: unavailable };
    try {
      const printed = await run(PYTHON, [SCRIPT, ...words], signal);
      return { measured: true, result: JSON.parse(printed.trim().split("\n").at(-1) ?? "") as Result };
    } catch (error) {
      signal.throwIfAborted();
      step(messageOf(error));
      return { measured: false, because: `${words.slice(0, 2).join(" ")} failed` };
    }
  };
}

/** Git ignores it, as all of `node_modules`. */
const ENVIRONMENT = fileURLToPath(new URL("../../node_modules/.cache/bench-peer", import.meta.url));
const PYTHON = join(ENVIRONMENT, "bin", "python");
const INSTALLED = join(ENVIRONMENT, "installed.txt");
const SCRIPT = fileURLToPath(new URL("peers/lifetimes_peer.py", import.meta.url));
const REQUIREMENTS = fileURLToPath(new URL("peers/requirements.txt", import.meta.url));
/** Of each program that is run. */
const TIMEOUT_MS = 600_000;
const OUTPUT_BYTES_MAX = 16 * 1024 * 1024;

/** @returns what is missing; null = nothing */
async function prepare(signal: AbortSignal, step: (text: string) => void): Promise<string | null> {
  const wanted = await readFile(REQUIREMENTS, "utf8");
  if ((await readFile(INSTALLED, "utf8").catch(() => null)) === wanted) return null;
  step("installing lifetimes to compare with");
  await rm(ENVIRONMENT, { recursive: true, force: true });
  await mkdir(ENVIRONMENT, { recursive: true });
  try {
    await run("python3", ["-m", "venv", ENVIRONMENT], signal);
  } catch (error) {
    signal.throwIfAborted();
    step(messageOf(error));
    return "there is no python3 that makes environments";
  }
  try {
    await run(PYTHON, [...INSTALL, "--requirement", REQUIREMENTS], signal);
    await run(PYTHON, ["-c", "import lifetimes"], signal);
  } catch (error) {
    signal.throwIfAborted();
    step(messageOf(error));
    return "its packages, for Python 3.8 to 3.11, could not be installed";
  }
  await writeFile(INSTALLED, wanted);
  return null;
}

/** Without a wheel for this Python a package would have to be compiled, by tools that may not be here. */
const INSTALL = [
  "-m",
  "pip",
  "install",
  "--quiet",
  "--no-deps",
  "--only-binary",
  ":all:",
  "--disable-pip-version-check",
];

async function run(program: string, words: readonly string[], signal: AbortSignal): Promise<string> {
  const { stdout } = await promisify(execFile)(program, [...words], {
    signal,
    timeout: TIMEOUT_MS,
    maxBuffer: OUTPUT_BYTES_MAX,
  });
  return stdout;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message.trim() : String(error);
}

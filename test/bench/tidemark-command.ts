import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import type { BenchmarkContext } from "./benchmark.ts";
import { childEnvironment } from "./child.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Runs a command as a person would type it, from npm on, and returns the JSON that it prints. */
export async function tidemark<Result>(words: readonly string[], { signal }: BenchmarkContext): Promise<Result> {
  const child = spawn("npm", ["run", "-s", "tidemark", "--", ...words, "--json"], {
    cwd: ROOT,
    env: childEnvironment(),
    stdio: ["ignore", "pipe", "pipe"],
    signal,
  });
  const exited = new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", resolve);
  });
  const [code, printed, said] = await Promise.all([exited, text(child.stdout), text(child.stderr)]);
  if (code !== 0) throw new Error(`tidemark ${words[0]} ended with exit code ${code}: ${said}`);
  return JSON.parse(printed) as Result;
}

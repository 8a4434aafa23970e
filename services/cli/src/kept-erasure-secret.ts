import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeFileDurably } from "./durable-file.ts";
import { CommandFailed, exitCodes } from "./failure.ts";

/**
 * The secret of a data directory under which its erased customers are kept: made once, readable by its owner only, and never changed.
 * For who holds the directory's lock. One that is lost is made anew, which whoever reads the log finds out if somebody was erased.
 * @param token random, different at each call
 * @throws CommandFailed (configuration)
 */
export async function keptErasureSecret(directory: string, token: () => string): Promise<string> {
  const path = join(directory, "erasure.key");
  const kept = await readOrNull(path);
  if (kept === null) {
    const secret = createHash("sha256").update(`${token()}${token()}${token()}`).digest("hex");
    await writeFileDurably(path, `${secret}\n`);
    return secret;
  }
  const secret = kept.trim();
  if (SECRET.test(secret)) return secret;
  throw new CommandFailed(exitCodes.configuration, `${path} is damaged: restore that file from a backup`);
}

const SECRET = /^[0-9a-f]{64}$/u;

async function readOrNull(path: string): Promise<string | null> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}

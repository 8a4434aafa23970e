import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { CommandFailed, exitCodes } from "../failure.ts";

/** The folder that a command writes to unless told: by the file's name, in the current directory. */
export function folderFor(fileName: string, command: string): string {
  return `${fileName.replace(/(\.(csv|tsv|txt|json|ndjson|jsonl|gz))+$/iu, "")}-${command}`;
}

/**
 * Writes files into a folder, which is made if need be; files of the same names are replaced.
 * @throws CommandFailed (usage) where it cannot be written to
 */
export async function writeInto(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), `${content}\n`);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CommandFailed(exitCodes.usage, `cannot write the pictures: ${why}; say where to with --out DIR`, {
      cause,
    });
  }
}

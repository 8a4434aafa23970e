import { open, rename } from "node:fs/promises";
import { dirname } from "node:path";

/** Replaces a small file as a whole: after any crash it is the old one or the new one, and the new one once resolved. */
export async function writeFileDurably(path: string, text: string): Promise<void> {
  const fresh = `${path}.new`;
  const file = await open(fresh, "w", 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(fresh, path);
  const directory = await open(dirname(path), "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { writeFileDurably } from "./durable-file.ts";

/** How another command reaches the server that has a data directory open. Readable by its owner only. */
export type ServerAddress = z.infer<typeof addressSchema>;

const addressSchema = z.object({
  /** The gateway, `http://host:port`. */
  url: z.url(),
  /** The control server of `control-server.ts`, and what it asks of its callers. */
  control: z.object({ url: z.url(), token: z.string() }),
});

/** Written by the server once it answers, removed when it stops. */
export async function writeServerAddress(directory: string, address: ServerAddress): Promise<void> {
  await writeFileDurably(pathOf(directory), `${JSON.stringify(address)}\n`);
}

/** For who holds the directory's lock: what lies there is of a server that is no more. */
export async function removeServerAddress(directory: string): Promise<void> {
  await rm(pathOf(directory), { force: true });
}

/** The server of a directory that is locked; null = whoever has it open is no server. */
export async function readServerAddress(directory: string): Promise<ServerAddress | null> {
  try {
    const result = addressSchema.safeParse(JSON.parse(await readFile(pathOf(directory), "utf8")));
    return result.success ? result.data : null;
  } catch {
    return null;
  }
}

function pathOf(directory: string): string {
  return join(directory, "server.json");
}

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { PassThrough, type Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { CommandFailed, exitCodes } from "../failure.ts";
import { systemWords } from "../system-words.ts";

/** The bytes of the file to import, unpacked, read once from start to end. */
export interface Content {
  /** For messages and the rejects file: the path as given, `stdin` for `-`. */
  readonly name: string;
  /** Bytes of the file as it lies on disk; null = not known (standard input). */
  readonly bytes: number | null;
  /** How many of them have been read so far. */
  bytesRead(): number;
  chunks(): AsyncGenerator<Buffer>;
  /** SHA-256 of the unpacked content in lower-case hexadecimal, once `chunks` came to its end. */
  digest(): string;
  /** Lets go of the file, wherever reading has got to; idempotent. What is being read breaks off. */
  close(): void;
}

/**
 * Opens a file, or standard input for `-`. Gzip is known by its first two bytes, not by the name. The digest is of the
 * unpacked content, so that a file and its gzip are one and the same import.
 *
 * @throws CommandFailed (usage) if there is no such file
 */
export async function openContent(path: string, stdin: Readable): Promise<Content> {
  const name = path === "-" ? "stdin" : path;
  const bytes = path === "-" ? null : await fileBytes(path);
  const hash = createHash("sha256");
  let bytesRead = 0;
  let input: Readable | null = null;

  async function* packed(): AsyncGenerator<Buffer> {
    input = path === "-" ? stdin : createReadStream(path, { highWaterMark: CHUNK_BYTES });
    try {
      for await (const chunk of input) {
        const buffer = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
        bytesRead += buffer.length;
        yield buffer;
      }
    } catch (error) {
      throw unreadable(name, error);
    }
  }

  async function* chunks(): AsyncGenerator<Buffer> {
    const source = packed();
    const head = await takeBytes(source, 2);
    const isGzip = head[0] === 0x1f && head[1] === 0x8b;
    for await (const chunk of isGzip ? unpacked(joined(head, source), name) : joined(head, source)) {
      hash.update(chunk);
      yield chunk;
    }
  }

  let digest: string | null = null;
  return {
    name,
    bytes,
    bytesRead: () => bytesRead,
    chunks,
    digest: () => (digest ??= hash.digest("hex")),
    close: () => void input?.destroy(),
  };
}

const CHUNK_BYTES = 256 * 1024;

async function fileBytes(path: string): Promise<number> {
  try {
    const stats = await stat(path);
    if (stats.isDirectory()) {
      throw new CommandFailed(exitCodes.usage, `${path} is a directory; name a file, or - for standard input`);
    }
    return stats.size;
  } catch (error) {
    throw error instanceof CommandFailed ? error : unreadable(path, error);
  }
}

function unreadable(name: string, cause: unknown): CommandFailed {
  return new CommandFailed(exitCodes.usage, `cannot read ${name}: ${systemWords(cause)}`, { cause });
}

async function takeBytes(source: AsyncGenerator<Buffer>, count: number): Promise<Buffer> {
  const taken: Buffer[] = [];
  let bytes = 0;
  while (bytes < count) {
    const next = await source.next();
    if (next.done === true) break;
    taken.push(next.value);
    bytes += next.value.length;
  }
  return Buffer.concat(taken);
}

async function* joined(head: Buffer, rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  if (head.length > 0) yield head;
  yield* rest;
}

async function* unpacked(source: AsyncGenerator<Buffer>, name: string): AsyncGenerator<Buffer> {
  const output = new PassThrough({ highWaterMark: CHUNK_BYTES });
  let failure: unknown = null;
  const done = pipeline(source, createGunzip({ chunkSize: CHUNK_BYTES }), output).catch((error: unknown) => {
    failure = error;
  });
  try {
    for await (const chunk of output) yield chunk as Buffer;
  } catch (error) {
    failure ??= error;
  }
  await done;
  if (failure !== null) throw unreadable(name, failure);
}

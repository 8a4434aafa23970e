import { deserialize, serialize } from "node:v8";
import { assert } from "@tidemark/streams";

/** A message as it goes through the socket: its length in four bytes, then what V8 makes of it. */
export function frameOf(message: unknown): Buffer {
  const body = serialize(message);
  assert(body.length <= FRAME_BYTES_MAX, "a message between threads stays below its bound");
  const frame = Buffer.allocUnsafe(LENGTH_BYTES + body.length);
  frame.writeUInt32LE(body.length);
  body.copy(frame, LENGTH_BYTES);
  return frame;
}

/** Takes frames out of what a socket gives, however that is cut. Holds at most one that is not whole yet, and puts it together once. */
export class FrameReader {
  #chunks: Buffer[] = [];
  #held = 0;
  /** Bytes of the frame under way, as far as that is known. */
  #wanted = LENGTH_BYTES;

  /** @returns the messages that have become whole, in order */
  read(chunk: Buffer): readonly unknown[] {
    this.#chunks.push(chunk);
    this.#held += chunk.length;
    if (this.#held < this.#wanted) return [];
    const messages: unknown[] = [];
    let bytes = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks);
    for (;;) {
      this.#wanted = LENGTH_BYTES + (bytes.length < LENGTH_BYTES ? 0 : bytes.readUInt32LE());
      if (bytes.length < this.#wanted) break;
      messages.push(deserialize(bytes.subarray(LENGTH_BYTES, this.#wanted)));
      bytes = bytes.subarray(this.#wanted);
    }
    this.#chunks = bytes.length === 0 ? [] : [bytes];
    this.#held = bytes.length;
    return messages;
  }
}

const LENGTH_BYTES = 4;
/** Far above the longest, the answer to a body whose every line is refused. */
export const FRAME_BYTES_MAX = 64 * 1024 * 1024;

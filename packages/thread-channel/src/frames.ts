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

/** Takes frames out of what a socket gives, however that is cut. Holds at most one that is not whole yet. */
export class FrameReader {
  #rest: Buffer = NOTHING;

  /** @returns the messages that have become whole, in order */
  *read(chunk: Buffer): Generator {
    let bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    this.#rest = NOTHING;
    while (bytes.length >= LENGTH_BYTES) {
      const end = LENGTH_BYTES + bytes.readUInt32LE();
      if (bytes.length < end) break;
      yield deserialize(bytes.subarray(LENGTH_BYTES, end));
      bytes = bytes.subarray(end);
    }
    this.#rest = bytes;
  }
}

const LENGTH_BYTES = 4;
/** Far above the longest, the answer to a body whose every line is refused. */
export const FRAME_BYTES_MAX = 64 * 1024 * 1024;
const NOTHING = Buffer.alloc(0);

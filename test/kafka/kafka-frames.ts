/** Kafka's API keys that tests tell apart. */
export const API_KEY = {
  produce: 0,
  fetch: 1,
  metadata: 3,
  joinGroup: 11,
  heartbeat: 12,
  syncGroup: 14,
  initProducerId: 22,
  addPartitionsToTxn: 24,
  endTxn: 26,
  describeProducers: 61,
} as const;

/** Takes the bytes of one direction of a connection as they come. @returns the frames that are whole now, each with its length in front */
export type FrameSplitter = (chunk: Buffer) => readonly Buffer[];

/** @throws Error, of the splitter, for a frame above Kafka's own bound: then it is not Kafka's protocol without TLS */
export function splitFrames(): FrameSplitter {
  let rest: Buffer = Buffer.alloc(0);
  let chunks: Buffer[] = [];
  let bytes = 0;
  return (chunk) => {
    chunks.push(chunk);
    bytes += chunk.length;
    // A large frame is put together once, not at every chunk of it.
    if (rest.length >= LENGTH_BYTES && bytes + rest.length < frameBytes(rest)) return [];
    let whole: Buffer = Buffer.concat([rest, ...chunks]);
    [chunks, bytes] = [[], 0];
    const frames: Buffer[] = [];
    while (whole.length >= LENGTH_BYTES && whole.length >= frameBytes(whole)) {
      const end = frameBytes(whole);
      frames.push(whole.subarray(0, end));
      whole = whole.subarray(end);
    }
    rest = whole;
    return frames;
  };
}

export function apiKeyOf(request: Buffer): number {
  return request.readInt16BE(LENGTH_BYTES);
}

export function correlationIdOf(frame: Buffer, direction: "request" | "answer"): number {
  return frame.readInt32BE(LENGTH_BYTES + (direction === "request" ? API_KEY_AND_VERSION_BYTES : 0));
}

const LENGTH_BYTES = 4;
const API_KEY_AND_VERSION_BYTES = 4;
/** `socket.request.max.bytes`. */
const FRAME_BYTES_MAX = 100 * 1024 * 1024;

function frameBytes(start: Buffer): number {
  const length = start.readInt32BE(0);
  if (length < 4 || length > FRAME_BYTES_MAX) throw new Error(`a frame of ${length} bytes is none of Kafka's`);
  return length + LENGTH_BYTES;
}

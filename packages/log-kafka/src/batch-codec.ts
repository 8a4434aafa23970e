import { promisify } from "node:util";
import { gunzip, zstdCompress, zstdDecompress } from "node:zlib";
import { LogCorrupted } from "@tidemark/streams";
import { BATCH_CODEC } from "./batch-layout.ts";
import { BatchRefused } from "./batch-refused.ts";

/** Bound of the records of one batch, decompressed: thirty times what a broker takes by default as they are. */
export const DECOMPRESSED_BYTES_MAX = 32_000_000;

const gunzipAsync = promisify(gunzip);
const zstdCompressAsync = promisify(zstdCompress);
const zstdDecompressAsync = promisify(zstdDecompress);

/** zstd at its default level; runs on libuv's pool. */
export function compressZstd(records: Uint8Array): Promise<Buffer> {
  return zstdCompressAsync(records);
}

/**
 * @param codec its number in the attributes of the batch, not 0
 * @param place of the batch, for messages
 * @throws BatchRefused if the codec is not read or there is more than {@link DECOMPRESSED_BYTES_MAX}, LogCorrupted
 */
export async function decompress(codec: number, records: Buffer, place: string): Promise<Buffer> {
  const bound = { maxOutputLength: DECOMPRESSED_BYTES_MAX };
  try {
    if (codec === BATCH_CODEC.gzip) return await gunzipAsync(records, bound);
    if (codec === BATCH_CODEC.zstd) return await zstdDecompressAsync(records, bound);
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ERR_BUFFER_TOO_LARGE") {
      throw new BatchRefused(`${place}: more than ${DECOMPRESSED_BYTES_MAX} bytes, decompressed`, { cause });
    }
    throw new LogCorrupted(`${place}: the checksum is right, but the records do not decompress`, { cause });
  }
  const name = Object.entries(BATCH_CODEC).find(([, number]) => number === codec)?.[0] ?? `number ${codec}`;
  throw new BatchRefused(
    `${place}: compressed with ${name}; none, gzip and zstd are read. ` +
      "Set compression.type=zstd on the topic, so that the broker compresses anew what producers send",
  );
}

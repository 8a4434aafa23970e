import type { LevelInstance } from "./level-instance.ts";

const BUFFERS = { keyEncoding: "buffer", valueEncoding: "buffer" } as const;
const BATCH_KEY_BYTES = 15;
const NO_PARTITION = 0xffff;

/** For tests that look under the log: the entries of batches, in the order of their keys. */
export async function batchesInLevel(level: LevelInstance): Promise<[Buffer, Buffer][]> {
  const entries = await level.iterator<Buffer, Buffer>({ gte: Buffer.from([0x10]), ...BUFFERS }).all();
  return entries.filter(([key]) => key.length === BATCH_KEY_BYTES && key.readUInt16BE(7) !== NO_PARTITION);
}

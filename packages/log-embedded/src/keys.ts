/**
 * How the log lies in Level, in key order:
 *
 *   00                                                    what this directory is, and its format version
 *   01 name                                               a topic
 *   02 topic u16, partition u16                           where a partition starts and how far it is compacted
 *   03 segment u32                                        what a closed segment holds, by partition
 *   10 segment u32, topic u16, partition u16, offset u48  a batch, by the last offset it answers for; so a read from
 *                                                         the middle of a batch finds it by `gte`
 *   10 segment u32                                        while that segment, or the one before, is purged
 *
 * Integers are big-endian. The segment leads: everything newly written lies beyond everything older, and LevelDB
 * moves its files down a level instead of merging them. (Measured over 2.5 GB in 84 partitions: written 2.5 times
 * instead of 4.5 and growing, 112 MB/s instead of 42, longest stall 0.6 s instead of 6.)
 */
export interface KeyRange {
  readonly gte: Buffer;
  readonly lt: Buffer;
}

const TOPIC = 0x01;
const PARTITION = 0x02;
const SEGMENT = 0x03;
const BATCH = 0x10;
const BATCH_KEY_BYTES = 15;
const SEGMENT_MARK_BYTES = 5;

export const FORMAT_KEY = Buffer.from([0x00]);
export const TOPIC_KEYS = kind(TOPIC);
export const PARTITION_KEYS = kind(PARTITION);
export const SEGMENT_KEYS = kind(SEGMENT);

export function topicKey(name: string): Buffer {
  return Buffer.concat([Buffer.from([TOPIC]), Buffer.from(name)]);
}

export function partitionKey(topicId: number, partition: number): Buffer {
  const key = Buffer.allocUnsafe(5);
  key[0] = PARTITION;
  key.writeUInt16BE(topicId, 1);
  key.writeUInt16BE(partition, 3);
  return key;
}

export function segmentKey(segment: number): Buffer {
  const key = Buffer.allocUnsafe(5);
  key[0] = SEGMENT;
  key.writeUInt32BE(segment, 1);
  return key;
}

/** Beyond every offset that is given out. */
export const OFFSET_BEYOND = 2 ** 48 - 1;

/** Whose batches lie under one prefix. */
export interface BatchPlace {
  readonly segment: number;
  readonly topicId: number;
  readonly partition: number;
}

export function batchKey({ segment, topicId, partition }: BatchPlace, offsetLast: number): Buffer {
  const key = Buffer.allocUnsafe(BATCH_KEY_BYTES);
  key[0] = BATCH;
  key.writeUInt32BE(segment, 1);
  key.writeUInt16BE(topicId, 5);
  key.writeUInt16BE(partition, 7);
  key.writeUIntBE(offsetLast, 9, 6);
  return key;
}

/** Lies before every batch of that segment and behind those of the segments before; in no range of batches that is read. */
export function segmentMark(segment: number): Buffer {
  return batchKey({ segment, topicId: 0, partition: 0 }, 0).subarray(0, SEGMENT_MARK_BYTES);
}

/** The batches that answer for any of the offsets `from` ≤ o < `to`, where `to` ends a batch. */
export function batchKeys(place: BatchPlace, from: number, to: number): KeyRange {
  return { gte: batchKey(place, from), lt: batchKey(place, to) };
}

function kind(first: number): KeyRange {
  return { gte: Buffer.from([first]), lt: Buffer.from([first + 1]) };
}

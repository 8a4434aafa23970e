/**
 * A record batch of Kafka, magic 2 (KIP-98), integers big-endian:
 *
 *   0  i64  base offset: of the first record, also where compaction took that away
 *   8  i32  bytes after this field
 *  12  i32  leader epoch of the partition
 *  16  i8   magic
 *  17  u32  CRC-32C of everything after it; so the broker can stamp the fields before it and leave it alone
 *  21  i16  attributes: codec in bits 0–2, LogAppendTime 3, transactional 4, control 5
 *  23  i32  last offset − base offset
 *  27  i64  base timestamp, ms since the epoch
 *  35  i64  greatest timestamp; with LogAppendTime the time of every record
 *  43  i64  producer id, −1 = none
 *  51  i16  producer epoch, −1 = none
 *  53  i32  sequence of the first record, −1 = none
 *  57  i32  number of records
 *  61       records, compressed all together
 *
 * A record, its integers zigzag varints: bytes after this field, attributes (i8, 0), timestamp − base timestamp,
 * offset − base offset, key bytes (−1 = null), key, value bytes (−1 = null), value, number of headers, headers.
 */
export const BATCH_AT = {
  baseOffset: 0,
  length: 8,
  leaderEpoch: 12,
  magic: 16,
  crc: 17,
  attributes: 21,
  lastOffsetDelta: 23,
  baseTimestamp: 27,
  maxTimestamp: 35,
  producerId: 43,
  producerEpoch: 51,
  baseSequence: 53,
  count: 57,
  records: 61,
} as const;

/** What comes before the part whose length a batch states. */
export const BATCH_PREFIX_BYTES = 12;

export const BATCH_MAGIC = 2;

export const BATCH_ATTRIBUTE = {
  codecMask: 0b111,
  logAppendTime: 1 << 3,
  transactional: 1 << 4,
  control: 1 << 5,
} as const;

/** The number of each codec in the attributes. */
export const BATCH_CODEC = { none: 0, gzip: 1, snappy: 2, lz4: 3, zstd: 4 } as const;

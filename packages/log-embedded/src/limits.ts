/** The bounds of the log. Above one, callers wait or work is split; nothing is dropped. */
export interface LogLimits {
  /** Encoded records that one group commit writes together; calls beyond it wait for the next. */
  readonly groupBytesMax: number;
  /** Of a group that is larger no more goes into Level in one write: see `half-written.ts`. */
  readonly writeBytesMax: number;
  /** Newest batches kept in memory, so that whoever follows the end does not read the disk. */
  readonly tailBytesMax: number;
  /** A segment is closed when it holds this much: less than Level's write buffer, see `keys.ts`… */
  readonly segmentBytesMax: number;
  /** …or is this old by append time: the resolution of retention and compaction. */
  readonly segmentMsMax: number;
  /** Between two passes of retention and compaction, unscaled ms. */
  readonly maintenanceIntervalMs: number;
  /** Between two purges of the disk, unscaled ms: what retention and compaction take out stays there so much longer at the most. */
  readonly purgeIntervalMs: number;
  /** Keys that compaction holds in memory for one pass over a partition. */
  readonly compactionKeysMax: number;
  /** Compaction starts when this many records of a partition are new, and as many as were left the last time. */
  readonly compactionRecordsMin: number;
  /** How long a tombstone stays readable, ms of append time: Kafka's delete.retention.ms. */
  readonly tombstoneRetentionMs: number;
}

export const LOG_LIMITS: LogLimits = {
  groupBytesMax: 4_000_000,
  writeBytesMax: 4_000_000,
  tailBytesMax: 8_000_000,
  segmentBytesMax: 3_500_000,
  segmentMsMax: 24 * 3_600_000,
  maintenanceIntervalMs: 60_000,
  purgeIntervalMs: 3_600_000,
  compactionKeysMax: 200_000,
  compactionRecordsMin: 100_000,
  tombstoneRetentionMs: 24 * 3_600_000,
};

/** Bound of a key: customer ids have at most 128 bytes. */
export const KEY_BYTES_MAX = 1_024;

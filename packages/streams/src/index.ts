export type {
  Application,
  ApplyContext,
  DeadLetter,
  Decoded,
  Emitted,
  Outcome,
  Refusal,
  ScoreContext,
  TickInput,
} from "./application.ts";
export type { Clock } from "./clock.ts";
export type {
  AppendOptions,
  Appended,
  EventLog,
  FetchOptions,
  LogRecord,
  LogWriter,
  OffsetRange,
  PartitionBatch,
  Position,
  RecordToAppend,
  Slice,
  TopicPolicy,
  TopicSpec,
} from "./event-log.ts";
export { BATCH_BYTES_MAX } from "./event-log.ts";
export {
  assert,
  ClockHalted,
  CommitUnknown,
  DirectoryLocked,
  InvariantBroken,
  LogUnavailable,
  OffsetOutOfRange,
  StateCorrupted,
  TaskFenced,
  TopicMismatch,
  VersionTooNew,
} from "./errors.ts";
export { murmur2, partitionOf } from "./partitioner.ts";
export type { StateRead, StateReader } from "./state-reader.ts";
export type { StateStore, StoreChange, StoreEntry, StoreRange, StoreWriteOptions } from "./state-store.ts";

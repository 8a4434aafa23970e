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
export { carryError, revivedError, type CarriedError } from "./carried-error.ts";
export type { Clock } from "./clock.ts";
export { type EraseContext, type Erasure, requireSameSecret } from "./erasure.ts";
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
  TopicPartition,
  TopicPolicy,
  TopicSpec,
} from "./event-log.ts";
export { BATCH_BYTES_MAX, contentBytes } from "./event-log.ts";
export {
  assert,
  ClockHalted,
  CommitUnknown,
  DirectoryLocked,
  ErasureSecretWrong,
  InvariantBroken,
  LogCorrupted,
  LogDenied,
  LogUnavailable,
  OffsetOutOfRange,
  OPERATING_FAILURES,
  StateCorrupted,
  StoreUnavailable,
  TaskFenced,
  TopicMismatch,
  VersionTooNew,
} from "./errors.ts";
export {
  fixedOwnership,
  type OwnedPartitions,
  type PartitionOwnership,
  type StoreReport,
} from "./partition-ownership.ts";
export { storeReport } from "./store-report.ts";
export { murmur2, partitionOf } from "./partitioner.ts";
export { READER_VERSION } from "./journal.ts";
export type { Barrier, ClockMode, JournalCodec, JournalEntry, JournalOffset, OutcomeCounts } from "./journal.ts";
export { BARRIER_KEY, entryKey, JOURNAL_KEY, parseChangelogKey, stateKey } from "./changelog.ts";
export { isMarkerName, markerName } from "./marker-name.ts";
export { TASK_LIMITS, type TaskLimits } from "./limits.ts";
export { keyBytes, type RecordKey, writeKey } from "./record-key.ts";
export { readToEnd, type ReadOptions } from "./read-to-end.ts";
export { replayTurn, type ReplayedTurn, type TurnToReplay } from "./replay.ts";
export { type Models, oneModel } from "./models.ts";
export type { SweepCursor } from "./sweep.ts";
export type { StageTimes } from "./stages.ts";
export { Task } from "./task.ts";
export type {
  InputLag,
  TaskObserver,
  TaskOptions,
  TaskState,
  TaskStatus,
  TaskTopics,
  TurnReport,
} from "./task-options.ts";
export { type InTurn, oneAtATime } from "./one-at-a-time.ts";
export { runTogether } from "./run-together.ts";
export { TurnGate } from "./turn-gate.ts";
export { combineViews, StoredView, type StoredViewOptions } from "./stored-view.ts";
export { View, type ViewAggregate, type ViewOptions, type ViewProgress } from "./view.ts";
export type { StateRead, StateReader } from "./state-reader.ts";
export type { StateStore, StoreChange, StoreEntry, StoreRange, StoreWriteOptions } from "./state-store.ts";

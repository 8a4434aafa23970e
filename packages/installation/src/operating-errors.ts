import {
  ClockHalted,
  CommitUnknown,
  DirectoryLocked,
  ErasureSecretWrong,
  LogCorrupted,
  LogDenied,
  LogUnavailable,
  OffsetOutOfRange,
  StateCorrupted,
  StoreUnavailable,
  TaskFenced,
  TopicMismatch,
  VersionTooNew,
} from "@tidemark/streams";

/** Their messages name partitions, offsets, files and what to do, and never a customer: the operator may read them. */
export const OPERATING_ERRORS = [
  ClockHalted,
  CommitUnknown,
  DirectoryLocked,
  ErasureSecretWrong,
  LogCorrupted,
  LogDenied,
  LogUnavailable,
  OffsetOutOfRange,
  StateCorrupted,
  StoreUnavailable,
  TaskFenced,
  TopicMismatch,
  VersionTooNew,
] as const;

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
import { ThreadDied } from "./thread-died.ts";

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
  ThreadDied,
  TopicMismatch,
  VersionTooNew,
] as const;

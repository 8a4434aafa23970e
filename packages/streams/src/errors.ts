/**
 * Operating failures, named by the recovery they demand. Adapters classify their client's errors into these
 * once; the runtime decides by class. A broken invariant is an `InvariantBroken` and ends the process.
 */
abstract class CodedError extends Error {
  abstract readonly code: string;
}

/** A newer owner writes this partition: drop everything in memory and start again at fencing. */
export class TaskFenced extends CodedError {
  readonly code = "TASK_FENCED";
}

/** The commit may or may not have happened: start again at fencing, the changelog will tell. */
export class CommitUnknown extends CodedError {
  readonly code = "COMMIT_UNKNOWN";
}

/** The log cannot be reached or written now: wait and try again; nothing was applied. */
export class LogUnavailable extends CodedError {
  readonly code = "LOG_UNAVAILABLE";
}

/** The log does not admit this process (user, password, certificate): mend the settings; trying again is of no use. */
export class LogDenied extends CodedError {
  readonly code = "LOG_DENIED";
}

/** The position asked for is not in the log (truncated, recreated): halt, never jump. */
export class OffsetOutOfRange extends CodedError {
  readonly code = "OFFSET_OUT_OF_RANGE";
}

/** The log on disk contradicts its own checksums or has a hole: halt and mend it by hand, never read on. */
export class LogCorrupted extends CodedError {
  readonly code = "LOG_CORRUPTED";
}

/** The local store cannot be written (disk full) or read: open it again, as often as it takes, and go on from its offset. */
export class StoreUnavailable extends CodedError {
  readonly code = "STORE_UNAVAILABLE";
}

/** The local store contradicts the changelog or its own checksums: wipe it and restore. */
export class StateCorrupted extends CodedError {
  readonly code = "STATE_CORRUPTED";
}

/** Topics differ from what the code needs: refuse to start, say how to mend it. */
export class TopicMismatch extends CodedError {
  readonly code = "TOPIC_MISMATCH";
}

/** The clock contradicts the log (R3): the task stops, not ready, and commits nothing. */
export class ClockHalted extends CodedError {
  readonly code = "CLOCK_HALTED";
}

/** Data on disk was written by newer code than this: refuse to start. */
export class VersionTooNew extends CodedError {
  readonly code = "VERSION_TOO_NEW";
}

/** The secret that names of erased keys are made with is not the one they were made with, or lacks: bring it back, never go on. */
export class ErasureSecretWrong extends CodedError {
  readonly code = "ERASURE_SECRET_WRONG";
}

/** Another process holds the data directory: refuse to start. */
export class DirectoryLocked extends CodedError {
  readonly code = "DIRECTORY_LOCKED";
}

/** An invariant of this code does not hold: crash rather than go on. */
export class InvariantBroken extends CodedError {
  readonly code = "INVARIANT_BROKEN";
}

/** All of them: whoever tells errors apart by class, or vouches for what they say, does so for each. */
export const OPERATING_FAILURES = [
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

/** Crashes with `InvariantBroken` unless the condition holds. */
export function assert(condition: boolean, invariant: string): asserts condition {
  if (!condition) {
    throw new InvariantBroken(invariant);
  }
}

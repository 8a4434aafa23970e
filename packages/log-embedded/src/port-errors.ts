import {
  CommitUnknown,
  InvariantBroken,
  LogCorrupted,
  LogUnavailable,
  OffsetOutOfRange,
  TaskFenced,
  TopicMismatch,
  VersionTooNew,
} from "@tidemark/streams";

/**
 * An error on its way to another thread. Of an error of a class of our own only message, stack and cause arrive, so
 * its code goes with it; what has none arrives as what it is.
 */
export interface CarriedError {
  readonly code: string | null;
  readonly error: unknown;
}

/** What a log may throw. */
const CLASSES = [
  CommitUnknown,
  InvariantBroken,
  LogCorrupted,
  LogUnavailable,
  OffsetOutOfRange,
  TaskFenced,
  TopicMismatch,
  VersionTooNew,
] as const;

const CLASS_BY_CODE: ReadonlyMap<string, (typeof CLASSES)[number]> = new Map(
  CLASSES.map((Class) => [new Class().code, Class]),
);

export function carried(error: unknown): CarriedError {
  const coded = CLASSES.find((Class) => error instanceof Class);
  return { code: coded === undefined ? null : new coded().code, error };
}

/** The error as it was thrown, of its class. */
export function arrived({ code, error }: CarriedError): unknown {
  const Class = code === null ? undefined : CLASS_BY_CODE.get(code);
  if (Class === undefined || !(error instanceof Error)) return error;
  const again = new Class(error.message, error.cause === undefined ? undefined : { cause: error.cause });
  if (error.stack !== undefined) again.stack = error.stack;
  return again;
}

import { DirectoryLocked, LogCorrupted, LogUnavailable } from "@tidemark/streams";

/** Why a Level did not open, as the port names it. @param name of its directory */
export function openError(error: unknown, name: string): DirectoryLocked | LogCorrupted | LogUnavailable {
  const cause = codeOf(error) === "LEVEL_DATABASE_NOT_OPEN" ? causeOf(error) : error;
  if (codeOf(cause) === "LEVEL_LOCKED") {
    return new DirectoryLocked(
      `the log in ${name} is in use by another process: stop that one, or use it over HTTP, or name another data directory`,
      { cause },
    );
  }
  if (isDamage(cause)) {
    return new LogCorrupted(`the log in ${name} is damaged: ${messageOf(cause)}; ${RESTORE}`, { cause });
  }
  return new LogUnavailable(`the log in ${name} cannot be opened: ${messageOf(cause)}`, { cause });
}

/** What a Level that is open says when it is read, as the port names it. */
export function readError(error: unknown): LogCorrupted | LogUnavailable {
  return isDamage(error)
    ? new LogCorrupted(`the log on disk is damaged: ${messageOf(error)}; ${RESTORE}`, { cause: error })
    : new LogUnavailable(`the log cannot be read: ${messageOf(error)}`, { cause: error });
}

/** What is to be done about damage. */
export const RESTORE = "restore the log from a backup";

/** Of Level's errors it names the file. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * A file that is gone, or shorter than it was, is an "IO error" to LevelDB, as a disk that is full is. What else the machine may hinder it by
 * passes, or is the operator's to find: nobody is sent to an old backup for it.
 */
function isDamage(error: unknown): boolean {
  const code = codeOf(error);
  return code === "LEVEL_CORRUPTION" || (code === "LEVEL_IO_ERROR" && OF_THE_FILES.test(messageOf(error)));
}

/** LevelDB ends its messages with strerror's words, the same for these in glibc, musl and macOS: ENOENT, and EINVAL where it would map what a file does not have. */
const OF_THE_FILES = /: (no such file or directory|invalid argument)$/i;

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

function causeOf(error: unknown): unknown {
  return error instanceof Error ? error.cause : undefined;
}

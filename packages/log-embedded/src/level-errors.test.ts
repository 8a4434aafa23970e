import { DirectoryLocked, LogCorrupted, LogUnavailable } from "@tidemark/streams";
import { describe, expect, it } from "vitest";
import { openError, readError } from "./level-errors.ts";

/** As classic-level rejects. */
function ofLevel(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}

function whenOpened(cause: Error): Error {
  return openError(Object.assign(new Error("Database failed to open", { cause }), { code: NOT_OPEN }), "data/log");
}

const NOT_OPEN = "LEVEL_DATABASE_NOT_OPEN";

describe.each([
  ["opened", whenOpened],
  ["read", readError],
])("a Level that cannot be %s", (_, told) => {
  it.each([
    ["LEVEL_CORRUPTION", "Corruption: 1 missing files; e.g.: data/log/000012.ldb"],
    ["LEVEL_CORRUPTION", "Corruption: checksum mismatch"],
    ["LEVEL_IO_ERROR", "IO error: data/log/000012.ldb: Invalid argument"],
    ["LEVEL_IO_ERROR", "IO error: data/log/MANIFEST-000004: No such file or directory"],
  ])("is damaged, and a backup is to be restored: %s, %s", (code, message) => {
    const error = told(ofLevel(code, message));
    expect(error).toBeInstanceOf(LogCorrupted);
    expect(error.message).toContain(`is damaged: ${message}; restore the log from a backup`);
  });

  it.each([
    ["LEVEL_IO_ERROR", "IO error: data/log/000013.ldb: No space left on device"],
    ["LEVEL_IO_ERROR", "IO error: data/log/000013.ldb: Disk quota exceeded"],
    ["LEVEL_IO_ERROR", "IO error: data/log/000013.log: Read-only file system"],
    ["LEVEL_IO_ERROR", "IO error: data/log/LOCK: Permission denied"],
    ["LEVEL_IO_ERROR", "IO error: data/log/000012.ldb: Too many open files"],
    ["LEVEL_IO_ERROR", "IO error: data/log/000012.ldb: Input/output error"],
    ["LEVEL_IO_ERROR", "IO error: data/log/000012.ldb: Connection timed out"],
    [NOT_OPEN, "Database is not open"],
    ["EACCES", "EACCES: permission denied, mkdir 'data/log'"],
  ])("may be well where the machine hinders it: %s, %s", (code, message) => {
    const error = told(ofLevel(code, message));
    expect(error).toBeInstanceOf(LogUnavailable);
    expect(error.message).toContain(message);
  });
});

it("a directory that another process has is neither", () => {
  const message = "IO error: lock data/log/LOCK: Resource temporarily unavailable";
  expect(whenOpened(ofLevel("LEVEL_LOCKED", message))).toBeInstanceOf(DirectoryLocked);
});

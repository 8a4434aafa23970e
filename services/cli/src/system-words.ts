/** What the operating system refused, as a person says it; where it is none of the usual, in its own words. */
export function systemWords(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : null;
  const message = error instanceof Error ? error.message : String(error);
  return (typeof code === "string" ? WORDS.get(code) : undefined) ?? message;
}

const WORDS: ReadonlyMap<string, string> = new Map([
  ["ENOENT", "there is no such file or directory"],
  ["ENOTDIR", "a part of the path is a file, not a directory"],
  ["EISDIR", "it is a directory"],
  ["EACCES", "permission denied for this user"],
  ["EPERM", "permission denied for this user"],
  ["EROFS", "the file system is read-only"],
  ["ENOSPC", "the disk is full"],
]);

import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";

/** Files of the checkout, tracked or about to be, as paths from its root with forward slashes. */
export function sourceFiles(): readonly string[] {
  const listed = execFileSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
  });
  // A tracked file that was deleted and not yet committed is still listed.
  return listed.split("\0").filter((path) => path !== "" && existsSync(path));
}

import { readFileSync } from "node:fs";

/** Anonymous memory of this process now (Linux: RssAnon), MB; mapped files are the kernel's to drop. */
export function anonymousMb(): number {
  const status = readFileSync("/proc/self/status", "utf8");
  return Number(/RssAnon:\s+(\d+) kB/.exec(status)?.[1] ?? Number.NaN) / 1_024;
}

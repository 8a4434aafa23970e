import { readFileSync } from "node:fs";

/** Anonymous memory of a process now (Linux: RssAnon), MB; mapped files are the kernel's to drop. NaN if it is gone. */
export function anonymousMb(pid: number | "self"): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    return Number(/RssAnon:\s+(\d+) kB/.exec(status)?.[1] ?? Number.NaN) / 1_024;
  } catch {
    return Number.NaN;
  }
}

/** Looks at a process's anonymous memory ten times a second. */
export function watchMemory(pid: number): { peakMb(): number; [Symbol.dispose](): void } {
  let peak = 0;
  const look = (): void => {
    const now = anonymousMb(pid);
    if (now > peak) peak = now;
  };
  const timer = setInterval(look, 100);
  look();
  return { peakMb: () => peak, [Symbol.dispose]: () => clearInterval(timer) };
}

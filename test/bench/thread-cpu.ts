import { readdirSync, readFileSync } from "node:fs";

/** CPU time of a process by what its threads are for, ms; their sum is the process's. */
export interface ThreadCpuMs {
  /** The thread that runs JavaScript. */
  readonly main: number;
  /** V8's own threads: garbage collection and the compilers. */
  readonly v8: number;
  /** libuv's pool, where Level's calls run, and Level's own threads. */
  readonly level: number;
}

/** Of this process so far, to 10 ms (Linux). Outside Linux it is all the main thread's. */
export function threadCpuMs(): ThreadCpuMs {
  const { user, system } = process.cpuUsage();
  const total = (user + system) / 1_000;
  const threads = threadsOf();
  if (threads === null) return { main: total, v8: 0, level: 0 };
  const v8 = threads.filter(({ name }) => /^(V8Worker|DelayedTask)/.test(name)).reduce((sum, { ms }) => sum + ms, 0);
  const own = process.threadCpuUsage();
  const main = (own.user + own.system) / 1_000;
  // The rest also holds threads that have ended.
  return { main, v8, level: Math.max(0, total - main - v8) };
}

function threadsOf(): readonly { readonly name: string; readonly ms: number }[] | null {
  try {
    return readdirSync("/proc/self/task").map((id) => {
      const stat = readFileSync(`/proc/self/task/${id}/stat`, "utf8");
      const afterName = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      const name = stat.slice(stat.indexOf("(") + 1, stat.lastIndexOf(")"));
      return { name, ms: (Number(afterName[11]) + Number(afterName[12])) * TICK_MS };
    });
  } catch {
    return null;
  }
}

/** Linux counts CPU time in hundredths of a second here (USER_HZ). */
const TICK_MS = 10;

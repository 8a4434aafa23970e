import { readdirSync, readFileSync } from "node:fs";

/** CPU time of a process by what its threads are for, ms; their sum is the process's. */
export interface ThreadCpuMs {
  /** The main thread: HTTP and queries. */
  readonly main: number;
  /** The processor's threads. */
  readonly processor: number;
  /** V8's own threads: garbage collection and the compilers. */
  readonly v8: number;
  /** The log's thread where it has one, libuv's pool, where Level's calls run, and Level's own threads. */
  readonly level: number;
}

/** Of a process of ours so far, to 10 ms (Linux). Elsewhere all is the main thread's, and known of this process only. */
export function threadCpuMs(pid: number): ThreadCpuMs {
  try {
    const total = cpuMsOf(`/proc/${pid}/stat`).ms;
    const threads = readdirSync(`/proc/${pid}/task`).map((id) => ({ id, ...cpuMsOf(`/proc/${pid}/task/${id}/stat`) }));
    const sum = (of: typeof threads): number => of.reduce((ms, thread) => ms + thread.ms, 0);
    const main = sum(threads.filter(({ id }) => id === `${pid}`));
    const processor = sum(threads.filter(({ name }) => name.startsWith("processor-")));
    const v8 = sum(threads.filter(({ name }) => /^(V8Worker|DelayedTask)/.test(name)));
    // The rest also holds threads that have ended.
    return { main, processor, v8, level: Math.max(0, total - main - processor - v8) };
  } catch {
    const { user, system } = process.cpuUsage();
    return { main: pid === process.pid ? (user + system) / 1_000 : Number.NaN, processor: 0, v8: 0, level: 0 };
  }
}

/** What was spent between two looks. */
export function cpuMsBetween(before: ThreadCpuMs, after: ThreadCpuMs): ThreadCpuMs {
  return {
    main: after.main - before.main,
    processor: after.processor - before.processor,
    v8: after.v8 - before.v8,
    level: after.level - before.level,
  };
}

export function totalMs({ main, processor, v8, level }: ThreadCpuMs): number {
  return main + processor + v8 + level;
}

function cpuMsOf(path: string): { readonly name: string; readonly ms: number } {
  const stat = readFileSync(path, "utf8");
  // The name stands in parentheses and may hold any character.
  const nameEnd = stat.lastIndexOf(")");
  const [user, system] = stat
    .slice(nameEnd + 2)
    .split(" ")
    .slice(11, 13);
  return { name: stat.slice(stat.indexOf("(") + 1, nameEnd), ms: (Number(user) + Number(system)) * TICK_MS };
}

/** Linux counts CPU time in hundredths of a second here (USER_HZ). */
const TICK_MS = 10;

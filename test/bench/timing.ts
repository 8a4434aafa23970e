import { quantilesOf } from "./quantiles.ts";

/** Time by the clock and of the processor, of all threads of this process, ms. */
export interface Timing {
  readonly wallMs: number;
  readonly cpuMs: number;
}

/** The first of several runs, when nothing is compiled yet, and the median of the others. */
export interface Timings {
  readonly first: Timing;
  readonly median: Timing;
}

export function timed(run: () => void): Timing {
  const before = process.cpuUsage();
  const startedAt = performance.now();
  run();
  const wallMs = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(before);
  return { wallMs, cpuMs: (user + system) / 1_000 };
}

/** @param all at least one; of a single one the median is itself */
export function timingsOf(all: readonly Timing[]): Timings {
  const [first = { wallMs: Number.NaN, cpuMs: Number.NaN }, ...others] = all;
  const later = others.length === 0 ? all : others;
  const median = (of: (timing: Timing) => number): number => quantilesOf(later.map(of)).p50;
  return { first, median: { wallMs: median(({ wallMs }) => wallMs), cpuMs: median(({ cpuMs }) => cpuMs) } };
}

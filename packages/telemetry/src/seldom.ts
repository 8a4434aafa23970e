/** What lasts is told at once, and then no more often than this, ms. */
const INTERVAL_MS = 60_000;

/**
 * For what is tried again and again, by several at once: whoever reads the log is to see it, and not to look for the rest between its lines.
 * @returns calls what it is given, unless it has just called another of that kind; kinds are few
 */
export function seldom(clock: { monotonic(): number }): (kind: string, tell: () => void) => void {
  const toldAt = new Map<string, number>();
  return (kind, tell) => {
    const now = clock.monotonic();
    if (now - (toldAt.get(kind) ?? Number.NEGATIVE_INFINITY) < INTERVAL_MS) return;
    toldAt.set(kind, now);
    tell();
  };
}

/** What lasts is told at once, and then no more often than this, ms. */
const INTERVAL_MS = 60_000;

/**
 * For what is tried again and again, by several at once: whoever reads the log is to see it, and not to look for the rest between its lines.
 * @returns calls what it is given, unless it has just called another
 */
export function seldom(clock: { monotonic(): number }): (tell: () => void) => void {
  let toldAt = Number.NEGATIVE_INFINITY;
  return (tell) => {
    const now = clock.monotonic();
    if (now - toldAt < INTERVAL_MS) return;
    toldAt = now;
    tell();
  };
}

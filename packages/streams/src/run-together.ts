/**
 * Runs loops until the signal aborts or one of them fails; either way all of them end, and only then does it.
 * @param onEnd wakes loops that wait for something else than their signal
 * @throws the first failure in the order of the loops
 */
export async function runTogether(
  signal: AbortSignal,
  loops: readonly ((signal: AbortSignal) => Promise<unknown>)[],
  onEnd: () => void = () => undefined,
): Promise<void> {
  const ended = new AbortController();
  const end = (): void => {
    ended.abort();
    onEnd();
  };
  signal.addEventListener("abort", end, { once: true });
  if (signal.aborted) end();
  const guarded = loops.map(async (loop) => {
    try {
      await loop(ended.signal);
    } catch (error) {
      end();
      throw error;
    }
  });
  try {
    for (const result of await Promise.allSettled(guarded)) if (result.status === "rejected") throw result.reason;
  } finally {
    signal.removeEventListener("abort", end);
  }
}

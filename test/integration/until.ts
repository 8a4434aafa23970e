import { setTimeout as pause } from "node:timers/promises";

/** Asks again and again until the answer is not null. @throws Error with what was awaited, after the bound */
export async function until<Answer>(
  awaited: string,
  ask: () => Promise<Answer | null> | Answer | null,
  msMax = 60_000,
): Promise<Answer> {
  const deadline = performance.now() + msMax;
  for (;;) {
    const answer = await ask();
    if (answer !== null) return answer;
    if (performance.now() > deadline) throw new Error(`not within ${msMax} ms: ${awaited}`);
    await pause(POLL_MS);
  }
}

const POLL_MS = 20;

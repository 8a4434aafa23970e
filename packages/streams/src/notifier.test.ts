import * as fc from "fast-check";
import { expect, test } from "vitest";
import { Notifier } from "./notifier.ts";

test("a wait ends with the next notification, or at once with one since the last wait", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom("notify", "wait"), { maxLength: 30 }), async (calls) => {
      const notifier = new Notifier();
      // What must be true of it: one notification is kept, however many came.
      let kept = false;
      let waiting: { done: boolean } | null = null;
      for (const call of calls) {
        if (call === "notify") {
          notifier.notify();
          await settled();
          if (waiting === null) kept = true;
          else expect(waiting.done).toBe(true);
          waiting = null;
        } else if (waiting === null) {
          const wait = { done: false };
          void markDone(notifier.wait(), wait);
          await settled();
          expect(wait.done).toBe(kept);
          waiting = kept ? null : wait;
          kept = false;
        }
      }
    }),
  );
});

async function markDone(wait: Promise<void>, mark: { done: boolean }): Promise<void> {
  await wait;
  mark.done = true;
}

function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

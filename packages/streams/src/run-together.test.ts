import { expect, test } from "vitest";
import { runTogether } from "./run-together.ts";

test("loops end when the signal aborts, and what was listened to is let go", async () => {
  const stop = new AbortController();
  let listeners = 0;
  const signal = counted(stop.signal, (change) => {
    listeners += change;
  });
  const ended: string[] = [];
  const running = runTogether(signal, [untilAborted("a", ended), untilAborted("b", ended)]);
  expect(listeners).toBe(1);
  stop.abort();
  await running;
  expect(ended).toEqual(["a", "b"]);
  expect(listeners).toBe(0);
});

test("a loop that fails ends the others, and is told only when they have ended", async () => {
  const ended: string[] = [];
  let woken = 0;
  const failing = async (): Promise<void> => {
    await Promise.resolve();
    throw new Error("broken");
  };
  const running = runTogether(new AbortController().signal, [untilAborted("a", ended), failing], () => {
    woken++;
  });
  await expect(running).rejects.toThrow("broken");
  expect([ended, woken]).toEqual([["a"], 1]);
});

test("of several failures the first in the order of the loops is told", async () => {
  const late = async (signal: AbortSignal): Promise<void> => {
    await aborted(signal);
    throw new Error("first loop");
  };
  const early = (): Promise<void> => Promise.reject(new Error("second loop"));
  await expect(runTogether(new AbortController().signal, [late, early])).rejects.toThrow("first loop");
});

test("with a signal that has aborted already, loops see it at once", async () => {
  const ended: string[] = [];
  let woken = 0;
  await runTogether(AbortSignal.abort(), [untilAborted("a", ended)], () => {
    woken++;
  });
  expect([ended, woken]).toEqual([["a"], 1]);
});

function untilAborted(name: string, ended: string[]): (signal: AbortSignal) => Promise<void> {
  return async (signal) => {
    await aborted(signal);
    ended.push(name);
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** The signal, told how many listen to it. */
function counted(signal: AbortSignal, note: (change: 1 | -1) => void): AbortSignal {
  return new Proxy(signal, {
    get(target, name) {
      if (name === "addEventListener") note(1);
      if (name === "removeEventListener") note(-1);
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
}

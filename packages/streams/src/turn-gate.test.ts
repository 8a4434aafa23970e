import { expect, test } from "vitest";
import { TurnGate } from "./turn-gate.ts";
import type { Clock } from "./clock.ts";

const LARGE = 10_000;
const never = new AbortController().signal;

test("large turns pass one after the other in the order in which they came, small ones at once", async () => {
  const gate = new TurnGate(patientClock());
  const first = turnOf();
  const second = turnOf();
  const third = turnOf();
  const small = turnOf();
  const all = [first, second, third].map(({ run }) => gate.pass(LARGE, never, run));
  all.push(gate.pass(3, never, small.run));
  await settled();
  expect([first, second, third, small].map(({ state }) => state())).toEqual(["runs", "waits", "waits", "runs"]);
  first.end();
  await settled();
  expect([second, third].map(({ state }) => state())).toEqual(["runs", "waits"]);
  second.end();
  third.end();
  small.end();
  await Promise.all(all);
  expect(third.state()).toBe("ended");
});

test("a turn that fails hands the gate on", async () => {
  const gate = new TurnGate(patientClock());
  const next = turnOf();
  const failing = gate.pass(LARGE, never, () => Promise.reject(new Error("no broker")));
  const passing = gate.pass(LARGE, never, next.run);
  await expect(failing).rejects.toThrow("no broker");
  await settled();
  expect(next.state()).toBe("runs");
  next.end();
  await passing;
});

test("W1: of the one that does not end the gate is taken, and it hands on none that is not its own; who waits long behind others waits on", async () => {
  const clock = patientClock();
  const gate = new TurnGate(clock);
  const [stuck, next, last] = [turnOf(), turnOf(), turnOf()];
  const holding = gate.pass(LARGE, never, stuck.run);
  const passing = gate.pass(LARGE, never, next.run);
  const waiting = gate.pass(LARGE, never, last.run);
  await settled();
  expect(clock.sleepers).toEqual([10_000]);
  clock.wakeAll();
  await settled();
  expect([stuck, next, last].map(({ state }) => state())).toEqual(["runs", "runs", "waits"]);
  stuck.end();
  await holding;
  await settled();
  expect([next, last].map(({ state }) => state())).toEqual(["runs", "waits"]);
  next.end();
  await passing;
  await settled();
  expect(last.state()).toBe("runs");
  last.end();
  await waiting;
  expect(clock.sleepers).toEqual([]);
});

test("the gate is free again when nobody waits for it", async () => {
  const clock = patientClock();
  const gate = new TurnGate(clock);
  const [stuck, second, third] = [turnOf(), turnOf(), turnOf()];
  const holding = gate.pass(LARGE, never, stuck.run);
  await settled();
  clock.wakeAll();
  await settled();
  const passing = gate.pass(LARGE, never, second.run);
  const waiting = gate.pass(LARGE, never, third.run);
  await settled();
  expect([second, third].map(({ state }) => state())).toEqual(["runs", "waits"]);
  for (const { end } of [stuck, second, third]) end();
  await Promise.all([holding, passing, waiting]);
  const after = turnOf();
  after.end();
  await gate.pass(LARGE, never, after.run);
  expect(after.state()).toBe("ended");
});

test("who is stopped while waiting runs no turn, and the gate goes to the next", async () => {
  const gate = new TurnGate(patientClock());
  const stop = new AbortController();
  const [first, stopped, next] = [turnOf(), turnOf(), turnOf()];
  const holding = gate.pass(LARGE, never, first.run);
  const leaving = gate.pass(LARGE, stop.signal, stopped.run);
  const waiting = gate.pass(LARGE, never, next.run);
  stop.abort();
  await leaving;
  expect(stopped.state()).toBe("waits");
  first.end();
  await settled();
  expect(next.state()).toBe("runs");
  next.end();
  await Promise.all([holding, waiting]);
});

interface Turn {
  readonly run: () => Promise<void>;
  readonly end: () => void;
  readonly state: () => "waits" | "runs" | "ended";
}

function turnOf(): Turn {
  let state: "waits" | "runs" | "ended" = "waits";
  const { promise, resolve } = Promise.withResolvers<void>();
  return {
    run: async () => {
      state = "runs";
      await promise;
      state = "ended";
    },
    end: resolve,
    state: () => state,
  };
}

/** Sleeps until it is woken or the signal aborts. */
function patientClock(): Clock & { wakeAll(): void; readonly sleepers: readonly number[] } {
  const sleepers = new Map<() => void, number>();
  return {
    now: () => 0,
    monotonic: () => 0,
    yield: () => Promise.resolve(),
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        const wake = (): void => {
          sleepers.delete(wake);
          resolve();
        };
        sleepers.set(wake, ms);
        signal.addEventListener("abort", wake, { once: true });
        if (signal.aborted) wake();
      }),
    wakeAll: () => {
      for (const wake of sleepers.keys()) wake();
    },
    get sleepers() {
      return [...sleepers.values()];
    },
  };
}

/** All that can go on without anything from outside has gone on. */
async function settled(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}

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

test("who has waited long enough goes on beside the one that does not end, and does not hand on a gate that is not theirs", async () => {
  const clock = patientClock();
  const gate = new TurnGate(clock);
  const stuck = turnOf();
  const impatient = turnOf();
  const holding = gate.pass(LARGE, never, stuck.run);
  const passing = gate.pass(LARGE, never, impatient.run);
  await settled();
  clock.wakeAll();
  await settled();
  expect(impatient.state()).toBe("runs");
  impatient.end();
  await passing;
  const later = turnOf();
  const waiting = gate.pass(LARGE, never, later.run);
  await settled();
  expect(later.state()).toBe("waits");
  stuck.end();
  later.end();
  await Promise.all([holding, waiting]);
  expect(later.state()).toBe("ended");
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
function patientClock(): Clock & { wakeAll(): void } {
  const sleepers = new Set<() => void>();
  return {
    now: () => 0,
    monotonic: () => 0,
    yield: () => Promise.resolve(),
    sleep: (_ms, signal) =>
      new Promise((resolve) => {
        sleepers.add(resolve);
        signal.addEventListener("abort", () => resolve(), { once: true });
        if (signal.aborted) resolve();
      }),
    wakeAll: () => {
      for (const wake of sleepers) wake();
    },
  };
}

/** All that can go on without anything from outside has gone on. */
async function settled(): Promise<void> {
  for (let i = 0; i < 20; i++) await Promise.resolve();
}

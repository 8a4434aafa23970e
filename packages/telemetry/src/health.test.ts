import { expect, test } from "vitest";
import { createHealth } from "./health.ts";

const ok = () => true;

test("a process is ready when every component is", async () => {
  const health = createHealth({ log: ok, store: () => Promise.resolve(true), registry: ok }, { timeoutMs: 1_000 });

  expect(await health.check()).toEqual({ status: "ok", checks: { log: "ok", store: "ok", registry: "ok" } });
});

test("one component that says no, throws or rejects makes the process unavailable, and is named", async () => {
  for (const store of [() => false, throwing, () => Promise.reject(new Error("down"))]) {
    const health = createHealth({ log: ok, store, registry: ok }, { timeoutMs: 1_000 });

    expect(await health.check()).toEqual({
      status: "unavailable",
      checks: { log: "ok", store: "unavailable", registry: "ok" },
    });
  }
});

test("a probe that never answers counts as unavailable after the timeout, and is told to stop", async () => {
  const stopped = Promise.withResolvers<void>();
  const silent = (signal: AbortSignal) =>
    new Promise<boolean>(() => signal.addEventListener("abort", () => stopped.resolve()));
  const health = createHealth({ log: silent, store: ok, registry: ok }, { timeoutMs: 5 });

  expect((await health.check()).checks.log).toBe("unavailable");
  await stopped.promise;
});

function throwing(): boolean {
  throw new Error("down");
}

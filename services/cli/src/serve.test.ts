import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { parseSettings, ThreadDied } from "@tidemark/installation";
import { expect, test } from "vitest";
import { firstFailure } from "./failure.ts";
import { type LogInThread, startLogThread } from "./log-thread/log-thread.ts";
import { contextForTest } from "./run-command.ts";
import { serve } from "./serve.ts";

test("a server whose log is gone ends and says why, instead of answering that it cannot", async () => {
  const directory = await mkdtemp(join(tmpdir(), "tidemark-serve-"));
  await using thread = startLogThread();
  const opening = Promise.withResolvers<LogInThread>();
  const listening = Promise.withResolvers<void>();
  const stdout = new Writable({
    write(_chunk, _encoding, done) {
      listening.resolve();
      done();
    },
  });
  const settings = parseSettings(
    { TIDEMARK_DATA_DIR: directory, TIDEMARK_LOG_LEVEL: "silent" },
    { TIDEMARK_PORT: "0" },
  );
  const serving = serve(settings, contextForTest({ stdout }), {
    isDemo: false,
    logThread: {
      async open(place, onProblem) {
        const opened = await thread.open(place, onProblem);
        opening.resolve(opened);
        return opened;
      },
      utilization: () => thread.utilization(),
      [Symbol.asyncDispose]: () => thread[Symbol.asyncDispose](),
    },
  });
  const ended = serving.catch((error: unknown) => error);
  await Promise.race([listening.promise, serving]);
  const opened = await opening.promise;
  // What it is asked for cannot be had: an error that nothing in the thread expects.
  const registry = { kind: "file", path: directory } as const;
  opened.takeEvents({ registry, topicPrefix: "t.", partitions: 4, clockMode: "wall" });
  expect(firstFailure(await ended)).toBeInstanceOf(ThreadDied);
  await rm(directory, { recursive: true });
});

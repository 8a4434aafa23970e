import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { assert, type Clock } from "@tidemark/streams";
import { type ClockScale, scaledClock } from "@tidemark/clock";
import type { Demo } from "./data-directory.ts";
import { writeFileDurably } from "./durable-file.ts";

/** The clock of a demo directory: it stands still while nobody has the directory open. */
export interface KeptClock {
  readonly clock: Clock;
  /** Another thread's clock of this scale says the same. */
  readonly scale: ClockScale;
  /** Notes the time now and then until the signal aborts, and once more then. */
  keep(signal: AbortSignal): Promise<void>;
}

/**
 * Goes on where the clock stood when the directory was last open. After a kill it starts up to {@link KEEP_MS} early:
 * the log's append times do not fall for that, they stand until the clock has caught up.
 */
export async function keptClock(directory: string, demo: Demo, beneath: Clock): Promise<KeptClock> {
  const path = join(directory, "clock.json");
  const base = Math.max(demo.clockBase, await readTime(path));
  const scale = { base, factor: demo.factor, startedAt: beneath.monotonic() };
  const clock = scaledClock(beneath, scale);
  const save = async (): Promise<void> => writeFileDurably(path, `${clock.now()}\n`);
  return {
    clock,
    scale,
    async keep(signal) {
      while (!signal.aborted) {
        await clock.sleep(KEEP_MS, signal);
        await save();
      }
    },
  };
}

/** Between two notes, real ms. */
const KEEP_MS = 1000;

async function readTime(path: string): Promise<number> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch {
    return 0;
  }
  const time = Number(text);
  assert(Number.isSafeInteger(time), "the clock file of a demo holds a time");
  return time;
}

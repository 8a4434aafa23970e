import type { ManualClock } from "./manual-clock.ts";
import type { EmbeddedLog } from "./open-embedded-log.ts";

/** For tests: lets a log whose write has failed open itself again. @throws Error where it does not */
export async function mended(log: EmbeddedLog, clock: ManualClock): Promise<void> {
  for (let turns = 0; !log.available && turns < 1_000; turns += 1) {
    clock.advance(100);
    await clock.yield();
  }
  if (!log.available) throw new Error("the log was not mended");
}

import { type Clock, LogUnavailable, StoreUnavailable } from "@tidemark/streams";
import { type Logger, seldom } from "@tidemark/telemetry";

/** Logs that views start again; where they wait, once for all of them, since their log is one, and their disk. The error names the place. */
export function tellRestarts(logger: Logger, clock: Pick<Clock, "monotonic">): (error: Error) => void {
  const tell = seldom(clock);
  return (error) => {
    const startsAgain = (): void => logger.warn("a view starts again", { error });
    if (error instanceof StoreUnavailable) tell(error.code, () => logger.error(STORE_UNAVAILABLE, { error }));
    else if (error instanceof LogUnavailable) tell(error.code, startsAgain);
    else startsAgain();
  };
}

const STORE_UNAVAILABLE =
  "stores that queries read cannot be written or read: queries wait, and they are tried again; if the disk is full, make room";

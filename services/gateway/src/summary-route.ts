import type { Clock, StateReader } from "@tidemark/streams";
import { problemBody, summaryBody, type SummaryBody } from "./bodies.ts";
import type { HttpServer } from "./http-server.ts";
import type { LogTotals } from "./log-totals.ts";
import { isoTime } from "./outputs.ts";
import { Problem } from "./problem.ts";
import type { BaseCounts } from "./tier-counts.ts";

export interface SummaryRouteOptions {
  readonly states: StateReader;
  readonly counts: () => BaseCounts;
  readonly totals: () => Promise<LogTotals>;
  readonly clock: Clock;
}

/** `GET /v1/summary`: the counts and totals of the first page. */
export function addSummaryRoute(server: HttpServer, options: SummaryRouteOptions): void {
  const { states, counts, totals, clock } = options;
  server.get(
    "/v1/summary",
    {
      schema: {
        tags: ["queries"],
        summary: "The whole base in a few numbers",
        response: { 200: summaryBody, 503: problemBody },
      },
    },
    async (_request, reply): Promise<SummaryBody> => {
      if (!states.ready) throw notReady();
      const { customers, byTier, byLifecycle } = counts();
      const { eventsAppended, scoresEmitted } = await totals();
      const { tick } = states;
      void reply.header("cache-control", "no-store");
      return {
        at: isoTime(clock.now()),
        customers,
        byTier,
        byLifecycle,
        eventsAppended,
        scoresEmitted,
        tick: tick === null ? null : isoTime(tick),
      };
    },
  );
}

export function notReady(): Problem {
  return new Problem(
    503,
    "NOT_READY",
    "What is known of customers cannot be told now: it is still being read in, or cannot be read on. /readyz says what is lacking.",
    { retryAfterSeconds: 2 },
  );
}

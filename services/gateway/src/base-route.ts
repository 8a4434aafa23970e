import { type Model, monthOf } from "@tidemark/scoring";
import type { BaseSums } from "@tidemark/scoring/base";
import type { Clock, StateReader } from "@tidemark/streams";
import { type BaseBody, baseBody } from "./base-body.ts";
import { baseReport } from "./base-report.ts";
import { problemBody } from "./bodies.ts";
import type { HttpServer } from "./http-server.ts";
import { isoTime } from "./outputs.ts";
import { notReady } from "./summary-route.ts";

export interface BaseRouteOptions {
  readonly states: StateReader;
  readonly figures: () => BaseSums;
  /** Says the currency, the time zone of months and the horizon of lapsing. */
  readonly model: Model;
  readonly clock: Clock;
}

/** `GET /v1/base`: the figures of the whole base. They are kept by every change; what is asked for is at most a second old. */
export function addBaseRoute(server: HttpServer, { states, figures, model, clock }: BaseRouteOptions): void {
  let kept: { readonly at: number; readonly body: BaseBody } | null = null;
  server.get(
    "/v1/base",
    {
      schema: {
        tags: ["queries"],
        summary: "The whole base: value, churn, satisfaction, loyalty, concentration, by group and month",
        response: { 200: baseBody, 503: problemBody },
      },
    },
    async (_request, reply): Promise<BaseBody> => {
      if (!states.ready) throw notReady();
      void reply.header("cache-control", "no-store");
      const now = clock.monotonic();
      if (kept === null || now - kept.at >= KEPT_MS_MAX) kept = { at: now, body: bodyNow() };
      return kept.body;
    },
  );

  function bodyNow(): BaseBody {
    const at = clock.now();
    const { tick } = states;
    return {
      at: isoTime(at),
      tick: tick === null ? null : isoTime(tick),
      currency: model.artefact.currency,
      lapseDays: model.artefact.churnHorizonDays,
      ...baseReport(figures(), monthOf(model.calendar.dayOf(tick ?? at))),
    };
  }
}

/** However often it is asked for, it is summed once in this time. */
const KEPT_MS_MAX = 1_000;

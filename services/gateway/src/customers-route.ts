import { type Contracts, parseInstant, type Profile, TIME_MS_MAX } from "@tidemark/contracts";
import type { Model } from "@tidemark/scoring";
import type { Clock, StateRead, StateReader } from "@tidemark/streams";
import { z } from "zod";
import { customerBody as customerSchema, type CustomerBody, problemBody } from "./bodies.ts";
import { customerBody } from "./customer-body.ts";
import { decodeValue } from "./decode-value.ts";
import type { HttpServer } from "./http-server.ts";
import { Problem } from "./problem.ts";
import { notReady } from "./summary-route.ts";

export interface CustomersRouteOptions {
  readonly contracts: Contracts;
  readonly states: StateReader;
  readonly models: readonly [Model, ...Model[]];
  readonly clock: Clock;
  readonly clockMode: "wall" | "event";
}

const params = z.object({ id: z.string().describe("The customer's id.") });
const query = z.object({
  at: z.string().max(40).optional().describe("Compute `now` as of this time: RFC 3339, or ms since 1970."),
  lang: z.enum(["en", "zh-CN", "zh"]).default("en").describe("Language of the reasons' text."),
});

/** `GET /v1/customers/{id}`: the last score, the score now, and the profile behind them. */
export function addCustomersRoute(server: HttpServer, options: CustomersRouteOptions): void {
  const { contracts, states, models } = options;
  server.get(
    "/v1/customers/:id",
    {
      schema: {
        tags: ["queries"],
        summary: "One customer: value, churn, tier and why",
        params,
        querystring: query,
        response: { 200: customerSchema, 400: problemBody, 404: problemBody, 409: problemBody, 503: problemBody },
      },
    },
    async (request, reply): Promise<CustomerBody> => {
      const { at, lang } = request.query;
      const asked = at === undefined ? null : readInstant(at);
      if (!states.ready) throw notReady();
      const read = states.read(request.params.id);
      if (read.value === null) throw new Problem(404, "CUSTOMER_UNKNOWN", "No event of this customer has been seen.");
      const profile = await decodeValue<Profile>(contracts, contracts.codecs.processorState, read.value);
      if (profile.scoredAt === 0) throw new Problem(404, "NOT_SCORED", "No score of this customer stands.");
      if (asked !== null && asked < profile.lastEventAt) {
        throw new Problem(409, "AT_BEFORE_LAST_EVENT", "`at` lies before the customer's last event.");
      }
      void reply.header("cache-control", "no-store");
      return customerBody(profile, read, {
        at: asked ?? presentOf(profile, read, options),
        language: lang === "en" ? "en" : "zh-CN",
        models,
      });
    },
  );
}

/**
 * Now, but not before what is known: an event may be up to a day ahead of the clock. In clock mode `event` now is the
 * newest tick.
 */
function presentOf(profile: Profile, read: StateRead, { clock, clockMode }: CustomersRouteOptions): number {
  const now = clockMode === "wall" ? clock.now() : (read.tick ?? 0);
  return Math.max(now, profile.scoredAt, profile.lastEventAt);
}

function readInstant(text: string): number {
  const at = /^\d{1,16}$/.test(text) ? Number(text) : parseInstant(text);
  if (at !== null && at >= 0 && at <= TIME_MS_MAX) return at;
  throw new Problem(400, "TIME_INVALID", "`at` must be an RFC 3339 time with its offset, or ms since 1970.");
}

import { CATALOGUE, indicatorsOf, type Model, type ModelShelf } from "@tidemark/scoring";
import { evaluateScorecard, PRESETS, type Scorecard } from "@tidemark/scoring/scorecards";
import { z } from "zod";
import { type ExplanationBody, explanationBody, problemBody } from "./bodies.ts";
import type { HttpServer } from "./http-server.ts";
import {
  atQuery,
  customerParams,
  type KnownCustomer,
  knownCustomer,
  type KnownCustomerOptions,
} from "./known-customer.ts";
import { isoTime } from "./outputs.ts";

export interface ExplanationRouteOptions extends KnownCustomerOptions {
  readonly models: ModelShelf;
  /** The installation's own. */
  readonly scorecards: readonly Scorecard[];
}

/** `GET /v1/customers/{id}/explanation`: every indicator, and what each scorecard makes of them. */
export function addExplanationRoute(server: HttpServer, options: ExplanationRouteOptions): void {
  server.get(
    "/v1/customers/:id/explanation",
    {
      schema: {
        tags: ["queries"],
        summary: "One customer: every indicator with what it means, and the scorecards",
        params: customerParams,
        querystring: z.object({ at: atQuery }),
        response: {
          200: explanationBody,
          400: problemBody,
          404: problemBody,
          409: problemBody,
          410: problemBody,
          503: problemBody,
        },
      },
    },
    async (request, reply): Promise<ExplanationBody> => {
      const known = await knownCustomer(options, request.params.id, request.query.at);
      void reply.header("cache-control", "no-store");
      return explanationOf(known, options.models.current, options.scorecards);
    },
  );
}

/** Of scorecards with one name the model's comes first, since it may give tiers, then the installation's own. */
function scorecardsOf({ artefact }: Model, own: readonly Scorecard[]): readonly Scorecard[] {
  const all = [...PRESETS.values(), ...own, ...(artefact.scorecards ?? [])];
  return [...new Map(all.map((scorecard) => [scorecard.name, scorecard])).values()];
}

function explanationOf({ profile, at }: KnownCustomer, model: Model, own: readonly Scorecard[]): ExplanationBody {
  const values = indicatorsOf(profile, at, model);
  const named = new Set(CATALOGUE.map(({ name }) => name));
  return {
    customerId: profile.customerId,
    asOf: isoTime(at),
    currency: model.artefact.currency,
    indicators: CATALOGUE.map(({ name, family, unit, better, needs, doc }) => ({
      name,
      family,
      unit,
      better,
      needs: [...needs],
      doc,
      value: values[name] ?? null,
    })),
    own: Object.fromEntries(Object.entries(values).filter(([name]) => !named.has(name))),
    scorecards: scorecardsOf(model, own).map((scorecard) => {
      const { dimensions, ...result } = evaluateScorecard(scorecard, values, model.artefact.base);
      return {
        ...result,
        doc: scorecard.doc,
        dimensions: dimensions.map((dimension) => ({ ...dimension, items: [...dimension.items] })),
      };
    }),
  };
}

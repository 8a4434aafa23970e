import type { ModelShelf } from "@tidemark/scoring";
import { z } from "zod";
import { customerBody as customerSchema, type CustomerBody, problemBody } from "./bodies.ts";
import { customerBody } from "./customer-body.ts";
import type { HttpServer } from "./http-server.ts";
import { atQuery, customerParams, knownCustomer, type KnownCustomerOptions } from "./known-customer.ts";

export interface CustomersRouteOptions extends KnownCustomerOptions {
  readonly models: ModelShelf;
}

const query = z.object({
  at: atQuery,
  lang: z.enum(["en", "zh-CN", "zh"]).default("en").describe("Language of the reasons' text."),
});

/** `GET /v1/customers/{id}`: the last score, the score now, and the profile behind them. */
export function addCustomersRoute(server: HttpServer, options: CustomersRouteOptions): void {
  server.get(
    "/v1/customers/:id",
    {
      schema: {
        tags: ["queries"],
        summary: "One customer: value, churn, tier and why",
        params: customerParams,
        querystring: query,
        response: {
          200: customerSchema,
          400: problemBody,
          404: problemBody,
          409: problemBody,
          410: problemBody,
          503: problemBody,
        },
      },
    },
    async (request, reply): Promise<CustomerBody> => {
      const { at: asked, lang } = request.query;
      const { profile, read, at } = await knownCustomer(options, request.params.id, asked);
      void reply.header("cache-control", "no-store");
      return customerBody(profile, read, { at, language: lang === "en" ? "en" : "zh-CN", models: options.models });
    },
  );
}

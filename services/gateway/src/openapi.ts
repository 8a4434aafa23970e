import { fastifySwagger } from "@fastify/swagger";
import { jsonSchemaOf } from "@tidemark/contracts";
import { jsonSchemaTransform } from "fastify-type-provider-zod";
import type { HttpServer } from "./http-server.ts";

/** Collects the routes added after it and answers `/openapi.json`. */
export async function addOpenapi(server: HttpServer, options: { readonly needsKey: boolean }): Promise<void> {
  await server.register(fastifySwagger, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "tidemark",
        version: "1",
        description:
          "What each customer is worth now, and how likely each is to leave. JSON in camelCase, money in integer minor units with its currency, times ISO 8601 UTC. Whatever is not answered as asked is a problem of RFC 9457 with a `code`.",
      },
      components: {
        schemas: INPUT_SCHEMAS,
        securitySchemes: {
          bearer: { type: "http", scheme: "bearer" },
          header: { type: "apiKey", in: "header", name: "x-api-key" },
        },
      },
      security: options.needsKey ? [{ bearer: [] }, { header: [] }] : [],
    },
    transform: jsonSchemaTransform,
    transformObject: (document) => {
      if (!("openapiObject" in document)) throw new TypeError("the interface is described in OpenAPI");
      const { openapiObject } = document;
      const post = openapiObject.paths?.["/v1/events"]?.post;
      // What an event is, is the contracts' to say; the route itself takes bytes.
      if (post !== undefined) post.requestBody = EVENTS_BODY;
      return openapiObject;
    },
  });
  server.get("/openapi.json", { config: { open: true }, schema: { hide: true } }, () => server.swagger());
}

const INPUT_SCHEMAS = {
  Purchase: jsonSchemaOf("purchases"),
  Interaction: jsonSchemaOf("interactions"),
  Complaint: jsonSchemaOf("complaints"),
  Customer: jsonSchemaOf("customers"),
};

const EVENT = {
  oneOf: Object.keys(INPUT_SCHEMAS).map((name) => ({ $ref: `#/components/schemas/${name}` })),
};

const EXAMPLE = {
  type: "purchase",
  eventId: "order-1001",
  customerId: "c-42",
  occurredAt: "2026-01-31T12:00:00Z",
  kind: "PURCHASE",
  amountMinor: 1999,
  currency: "EUR",
};

const EVENTS_BODY = {
  required: true,
  content: {
    "application/json": {
      schema: {
        type: "object" as const,
        properties: { events: { type: "array" as const, items: EVENT, maxItems: 1000 } },
        required: ["events"],
        additionalProperties: false,
      },
      example: { events: [EXAMPLE] },
    },
    "application/x-ndjson": { schema: EVENT, example: JSON.stringify(EXAMPLE) },
  },
};

import { fastifySwagger } from "@fastify/swagger";
import { jsonSchemaOf } from "@tidemark/contracts";
import type { FastifyContextConfig, FastifySchema } from "fastify";
import { jsonSchemaTransform } from "fastify-type-provider-zod";
import { problemBody } from "./bodies.ts";
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
    transform: (described) =>
      jsonSchemaTransform({ ...described, schema: withProblems(described.schema, described.route.config) }),
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

/** When each is answered; which it is its `code` tells. */
const PROBLEMS: Readonly<Record<string, string>> = {
  400: "A parameter, a header or the body is not as described.",
  401: "The server has API keys, and the call has none of them.",
  404: "Nothing is known of what is asked for.",
  409: "It does not fit what is stored.",
  410: "The customer was erased.",
  413: "The body is larger than the call takes.",
  415: "The body is of a media type that the call does not take.",
  422: "Nothing of the body could be taken; why is told for each of its items.",
  503: "Not now; `Retry-After` says when to try again.",
  default: "Any other problem.",
};

/**
 * A route's schema with all its answers that are problems, as {@link sendProblem} sends them: those it names itself,
 * and those that any call of its kind may be given.
 */
function withProblems(schema: FastifySchema | undefined, config: FastifyContextConfig = {}): FastifySchema {
  if (schema === undefined || schema.hide === true) return { ...schema, hide: true };
  const isOpen = config.open === true;
  const answers: Readonly<Record<string, unknown>> = {
    ...(schema.querystring === undefined && schema.params === undefined ? {} : { 400: problemBody }),
    ...(isOpen ? {} : { 401: problemBody }),
    ...(schema.response as Readonly<Record<string, unknown>> | undefined),
    default: problemBody,
  };
  const response = Object.fromEntries(
    Object.entries(answers).map(([status, body]) => [
      status,
      body === problemBody
        ? { description: PROBLEMS[status], content: { "application/problem+json": { schema: problemBody } } }
        : body,
    ]),
  );
  return { ...schema, ...(isOpen ? { security: [] } : {}), response };
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

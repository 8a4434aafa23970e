import { RegistryUnavailable } from "@tidemark/contracts";
import { InvariantBroken, LogUnavailable } from "@tidemark/streams";
import type { Logger } from "@tidemark/telemetry";
import { fastify, type FastifyError, type FastifyReply, type FastifyRequest } from "fastify";
import { validatorCompiler, type ZodTypeProvider } from "fastify-type-provider-zod";
import type { Access } from "./access.ts";
import { Problem, sendProblem } from "./problem.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** Answered without a key: what holds no data, and what probes ask. */
    readonly open?: boolean;
  }
}

/** A server whose routes have schemas of zod. */
export type HttpServer = ReturnType<typeof createHttpServer>;

const BODY_BYTES_MAX = 1024 * 1024;
/** An id of 128 bytes, each of them escaped, and some more. */
const PARAM_LENGTH_MAX = 1024;
const HEADERS_TIMEOUT_MS = 20_000;
const REQUEST_TIMEOUT_MS = 60_000;

/**
 * A server without routes: every answer that is not the one asked for is a problem of RFC 9457, every call that is
 * not `open` passes the access check, and bodies of JSON and NDJSON arrive as bytes. It logs no URL, since URLs name
 * customers.
 */
export function createHttpServer({ access, logger }: { readonly access: Access; readonly logger: Logger }) {
  const server = fastify({
    bodyLimit: BODY_BYTES_MAX,
    requestTimeout: REQUEST_TIMEOUT_MS,
    http: { headersTimeout: HEADERS_TIMEOUT_MS },
    return503OnClosing: false,
    routerOptions: { maxParamLength: PARAM_LENGTH_MAX },
    // Both are set below. Where these are not named, a hundred modules of fastify's own are loaded first.
    schemaController: { compilersFactory: { buildValidator: neverAsked, buildSerializer: neverAsked } },
    // What fastify refuses before any route: a URL that cannot be decoded, a name that is too long.
    frameworkErrors(_error, _request, reply) {
      void sendProblem(reply as FastifyReply, BAD_URL);
    },
    clientErrorHandler(_error, socket) {
      if (socket.writable) socket.end(MALFORMED_ANSWER);
      else socket.destroy();
    },
  }).withTypeProvider<ZodTypeProvider>();

  server.setValidatorCompiler(validatorCompiler);
  // Bodies are made by our own code and typed by their schemas; tests hold them to these, not every answer.
  server.setSerializerCompiler(() => (body) => JSON.stringify(body));
  server.removeAllContentTypeParsers();
  server.addContentTypeParser(["application/json", "application/x-ndjson"], { parseAs: "buffer" }, passOn);
  server.addHook("onRequest", (request, _reply, done) => {
    if (request.routeOptions.config.open !== true) access(request.headers);
    done();
  });
  server.addHook("onSend", (_request, reply, _payload, done) => {
    void reply.headers(SECURITY_HEADERS);
    done();
  });
  server.setNotFoundHandler((_request, reply) => sendProblem(reply, NOT_FOUND));
  server.setErrorHandler((error: FastifyError, request, reply) => {
    const problem = problemOf(error);
    // What cannot be reached says so itself, once; each call that it fails would be a line more.
    if (problem.status === 500 && !(error instanceof Problem)) {
      logger.error("a request failed", { route: request.routeOptions.url ?? null, code: problem.code, error });
    }
    return sendProblem(reply, problem);
  });
  return server;
}

function neverAsked(): never {
  throw new InvariantBroken("the server has compilers of its own");
}

const SECURITY_HEADERS = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
};

const NOT_FOUND = new Problem(404, "NOT_FOUND", "There is nothing at this address.");
const BAD_URL = new Problem(400, "URL_INVALID", "The address cannot be read.");
const COMPRESSED = new Problem(
  415,
  "CONTENT_ENCODING_UNSUPPORTED",
  "Send the body as it is: no Content-Encoding is understood.",
);
const MALFORMED_BODY = JSON.stringify({
  type: "about:blank",
  title: "Bad Request",
  status: 400,
  code: "REQUEST_MALFORMED",
  detail: "The request is not valid HTTP.",
});
const MALFORMED_ANSWER = `HTTP/1.1 400 Bad Request\r\ncontent-type: application/problem+json\r\ncontent-length: ${MALFORMED_BODY.length}\r\nconnection: close\r\n\r\n${MALFORMED_BODY}`;

function passOn(request: FastifyRequest, body: Buffer, done: (error: Error | null, body: Buffer) => void): void {
  const coding = request.headers["content-encoding"]?.toLowerCase() ?? "identity";
  done(coding === "identity" ? null : COMPRESSED, body);
}

function problemOf(error: FastifyError): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof LogUnavailable) {
    return new Problem(503, "LOG_UNAVAILABLE", "The log cannot be reached now; nothing is known to be stored.", {
      retryAfterSeconds: 2,
    });
  }
  if (error instanceof RegistryUnavailable) {
    return new Problem(503, "REGISTRY_UNAVAILABLE", "The schema registry cannot be reached now.", {
      retryAfterSeconds: 2,
    });
  }
  if (error.validation !== undefined) {
    return new Problem(400, "PARAMETER_INVALID", "A parameter of the address is not as documented.", {
      members: { path: `${error.validationContext ?? ""}${error.validation[0]?.instancePath ?? ""}` },
    });
  }
  switch (error.code) {
    case "FST_ERR_CTP_BODY_TOO_LARGE":
      return new Problem(413, "BODY_TOO_LARGE", "The body is larger than this call takes: send several.");
    case "FST_ERR_CTP_INVALID_MEDIA_TYPE":
      return new Problem(415, "MEDIA_TYPE_UNSUPPORTED", "Send application/json or application/x-ndjson.");
    default:
      break;
  }
  const status = error.statusCode ?? 500;
  if (status >= 400 && status < 500) return new Problem(status, "REQUEST_INVALID", "The request cannot be read.");
  return new Problem(500, "INTERNAL", "Something failed on the server; its log says more.");
}

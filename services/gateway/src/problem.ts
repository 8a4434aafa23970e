import type { FastifyReply } from "fastify";

// An `import` asks for every name of the module, and one of them loads a client of HTTP: 30 ms of each start.
const { STATUS_CODES } = process.getBuiltinModule("node:http");

/**
 * An answer that is not the one asked for, as RFC 9457 wants it. `detail` is a fixed sentence about the rule
 * that was broken: it never carries a value of the input, so that neither logs nor screens show personal data.
 */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  /** Further members of the body, e.g. `rejected` or `itemsDone`. */
  readonly members: Readonly<Record<string, unknown>>;
  readonly retryAfterSeconds: number | null;

  constructor(
    status: number,
    code: string,
    detail: string,
    more: { readonly members?: Readonly<Record<string, unknown>>; readonly retryAfterSeconds?: number } = {},
  ) {
    super(detail);
    this.name = "Problem";
    this.status = status;
    this.code = code;
    this.members = more.members ?? {};
    this.retryAfterSeconds = more.retryAfterSeconds ?? null;
  }
}

/** Sends a problem as `application/problem+json`. */
export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  if (problem.retryAfterSeconds !== null) void reply.header("retry-after", String(problem.retryAfterSeconds));
  if (problem.status === 401) void reply.header("www-authenticate", "Bearer");
  // A Buffer, since fastify would run a string through the route's response serializer.
  return reply
    .code(problem.status)
    .header("content-type", "application/problem+json")
    .send(
      Buffer.from(
        JSON.stringify({
          type: "about:blank",
          title: STATUS_CODES[problem.status] ?? "Error",
          status: problem.status,
          code: problem.code,
          detail: problem.message,
          ...problem.members,
        }),
      ),
    );
}

import type { FastifyReply, FastifyRequest } from "fastify";
import { Problem } from "./problem.ts";

export interface CallBounds {
  /** Of bodies that are being received, as they are announced. */
  readonly bytesMax: number;
  /** Calls that are being stored. */
  readonly callsMax: number;
}

/** Bounds the memory that a route's calls hold; beyond it senders are told to wait. Both throw a {@link Problem}, 503. */
export interface CallsBound {
  /** A hook: before anything of the body is read. */
  readonly onRequest: (request: FastifyRequest, reply: FastifyReply, done: () => void) => void;
  /** A body that is there is held until it is stored, whether or not its sender has gone. */
  readonly storing: <Result>(work: () => Promise<Result>) => Promise<Result>;
}

export function boundCalls({ bytesMax, callsMax }: CallBounds): CallsBound {
  let bytesUnderway = 0;
  let callsUnderway = 0;
  return {
    onRequest(request, reply, done) {
      const bytes = bodyBytes(request);
      if (bytesUnderway + bytes > bytesMax) throw busy();
      bytesUnderway += bytes;
      // Comes at the end of every answer, also of one that nobody waited for any more.
      reply.raw.once("close", () => (bytesUnderway -= bytes));
      done();
    },
    async storing(work) {
      if (callsUnderway >= callsMax) throw busy();
      callsUnderway++;
      try {
        return await work();
      } finally {
        callsUnderway--;
      }
    },
  };
}

/** What is not announced may be as much as the route takes; what is announced beyond that is refused unread. */
function bodyBytes({ headers, routeOptions: { bodyLimit } }: FastifyRequest): number {
  if (headers["transfer-encoding"] !== undefined) return bodyLimit;
  return Math.min(Number(headers["content-length"] ?? 0), bodyLimit);
}

function busy(): Problem {
  return new Problem(503, "BUSY", "Too many requests are being stored.", { retryAfterSeconds: 1 });
}
